import { ConfigError, parseConfig, type Config, type Environment } from '../config';
import { localSettings } from '../dev/local-settings';
import { checkGateway } from './check-gateway';
import { checkKeys } from './check-keys';
import { checkNotices } from './check-notifications';
import { checkPostgres } from './check-postgres';
import { checkSettings } from './check-settings';
import { checkTemporal } from './check-temporal';
import { checkWebhooks } from './check-webhooks';
import { well, wrong, type Finding } from './finding';

export interface DoctorContext {
  env: Environment;
  cwd: string;
}

/**
 * Writes a line for each thing that is configured, and whether it answers.
 * @returns the exit code: 1 where something is wrong
 */
export async function doctor(
  { env, cwd }: DoctorContext,
  write: (line: string) => void,
): Promise<number> {
  const findings = [well(`Node ${process.version}`), ...(await examine(env, cwd))];
  for (const finding of findings) write(`${labelOf(finding)}  ${finding.text}`);
  return findings.every((finding) => finding.well) ? 0 : 1;
}

const labelOf = ({ well, warns }: Finding) => (warns ? 'warn ' : well ? 'ok   ' : 'wrong');

async function examine(env: Environment, cwd: string): Promise<Finding[]> {
  let config: Config;
  try {
    config = parseConfig({ ...env, ...localSettings(parseConfig(env), env) });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(wrong);
    throw error;
  }
  const parts = await Promise.all([
    checkSettings(config, cwd),
    checkPostgres(config.databaseUrl),
    checkKeys(config, env),
    checkWebhooks(config, cwd),
    checkNotices(config),
    checkTemporal({ address: config.temporalAddress, namespace: config.temporalNamespace }),
    checkGateway(config.host, config.port),
  ]);
  return parts.flat();
}
