import { ConfigError, parseConfig, type Config, type Environment } from '../config';
import { linesForTerminal } from '../cli/output';
import { unknownVariables, type UnknownVariable } from '../config/unknown-variables';
import { localSettings } from '../dev/local-settings';
import { checkActors } from './check-actors';
import { checkDeliveries } from './check-deliveries';
import { checkGateway } from './check-gateway';
import { checkKeys } from './check-keys';
import { checkNotices } from './check-notifications';
import { checkPostgres } from './check-postgres';
import { checkSettings } from './check-settings';
import { checkSweep } from './check-sweep';
import { checkTemporal } from './check-temporal';
import { checkWebhooks } from './check-webhooks';
import { readDeclared } from './declared';
import { warning, well, wrong, type Finding } from './finding';

export interface DoctorContext {
  env: Environment;
  cwd: string;
}

/**
 * Writes a line for each thing that is configured, and whether it answers; at its end how many are wrong. With `json`
 * the same as one object.
 * @returns the exit code: 1 where something is wrong
 */
export async function doctor(
  { env, cwd }: DoctorContext,
  json: boolean,
  write: (text: string) => void,
): Promise<number> {
  const findings = [
    well(`Node ${process.version}`),
    ...unknownVariables(env).map(unknownVariable),
    ...(await examine(env, cwd)),
  ];
  const counts = {
    checks: findings.length,
    wrong: findings.filter(({ well }) => !well).length,
    warnings: findings.filter(({ warns }) => warns).length,
  };
  const isWell = counts.wrong === 0;
  if (json) {
    const shown = findings.map((finding) => ({ state: stateOf(finding), text: finding.text }));
    write(`${JSON.stringify({ well: isWell, ...counts, findings: shown })}\n`);
  } else {
    for (const finding of findings)
      write(`${stateOf(finding).padEnd(5)}  ${linesForTerminal(finding.text)}\n`);
    write(`\n${summary(counts)}\n`);
  }
  return isWell ? 0 : 1;
}

function unknownVariable({ name, meant }: UnknownVariable): Finding {
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return warning(`${name}: not known, and ignored${hint}`);
}

const stateOf = ({ well, warns }: Finding) => (warns ? 'warn' : well ? 'ok' : 'wrong');

function summary({ checks, wrong, warnings }: Record<'checks' | 'wrong' | 'warnings', number>) {
  const warned = warnings === 0 ? '' : `, ${count(warnings, 'warning')}`;
  if (wrong === 0) return `Nothing is wrong: ${count(checks, 'check')}${warned}.`;
  return `${count(wrong, 'thing')} wrong of ${count(checks, 'check')}${warned}: see the lines that begin with "wrong".`;
}

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;

async function examine(env: Environment, cwd: string): Promise<Finding[]> {
  let config: Config;
  try {
    config = parseConfig({ ...env, ...localSettings(parseConfig(env), env) });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(wrong);
    throw error;
  }
  const declared = await readDeclared(config, cwd);
  // Before the others, whose time limits would run while its libraries hold a busy machine's process up.
  const temporal = checkTemporal({
    address: config.temporalAddress,
    namespace: config.temporalNamespace,
  });
  const parts = await Promise.all([
    checkSettings(config, declared),
    checkPostgres(config.databaseUrl),
    checkKeys(config, env),
    checkWebhooks(config, declared),
    checkNotices(config),
    checkActors(config),
    checkDeliveries(config.databaseUrl),
    temporal,
    checkSweep(config),
    checkGateway(config.host, config.port),
  ]);
  return parts.flat();
}
