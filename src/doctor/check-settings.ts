import type { Config } from '../config';
import { waitAtMost } from '../lib/timing';
import { builtInProviders } from '../providers/built-in';
import type { HoldfastConfiguration } from '../providers/provider';
import { addressWarnings } from '../providers/address-warnings';
import type { Registry } from '../providers/registry';
import { isForOneAccount, knowsRepeats } from '../webhooks/verify';
import type { Declared } from './declared';
import { answerLimitMs, warning, well, wrong, type Finding } from './finding';

export async function checkSettings(config: Config, declared: Declared): Promise<Finding[]> {
  const missing = (name: string) => wrong(`${name}: not set, and "npm start" has made none here`);
  return [
    config.apiKeys.length > 0 ? well(`API keys: ${config.apiKeys.length}`) : missing('API keys'),
    config.keys.length > 0
      ? well(`Sealing keys: ${config.keys.map(({ id }) => id).join(', ')}`)
      : missing('Sealing keys'),
    ...(await checkProviders(config, declared)),
  ];
}

async function checkProviders(config: Config, declared: Declared): Promise<Finding[]> {
  if ('problem' in declared) {
    return [wrong(`Configuration file: ${declared.problem}`), builtIns(config, {})];
  }
  const { path, file, registry } = declared;
  const providers = Object.keys(file.providers ?? {}).join(', ') || 'none';
  const handlers = Object.keys(file.handlers ?? {}).join(', ') || 'none';
  return [
    well(
      path === undefined
        ? 'Configuration file: there is none'
        : `Configuration file ${path}: providers ${providers}; handlers ${handlers}`,
    ),
    builtIns(config, file),
    ...(await addresses(registry, config)),
    ...repeats(registry),
    ...accounts(registry),
  ];
}

async function addresses(registry: Registry, config: Config): Promise<Finding[]> {
  const warnings = await waitAtMost(addressWarnings(registry, config), answerLimitMs);
  return (warnings ?? []).map(({ provider, sentence }) =>
    warning(`Provider ${provider}: ${sentence}`),
  );
}

/** Senders send again what was not answered in time. */
function repeats(registry: Registry): Finding[] {
  return registry.names().flatMap((name) => {
    const webhook = registry.get(name)?.webhook;
    if (webhook === undefined || knowsRepeats(webhook)) return [];
    const text = `Webhooks of ${name}: what its sender repeats is handled twice`;
    return webhook.dedupe === 'none'
      ? well(`${text}, as its "dedupe" says`)
      : warning(`${text}; "dedupe" can say how a repeat is known`);
  });
}

/** A replay under another account's name looks the same. */
function accounts(registry: Registry): Finding[] {
  return registry.names().flatMap((name) => {
    const webhook = registry.get(name)?.webhook;
    if (webhook === undefined || !isForOneAccount(webhook)) return [];
    const why = 'whose webhooks are, stands in a header that nobody signs, so that of two accounts';
    const then = 'with the very same bytes and secret the second is refused (account_conflict)';
    return warning(`Webhooks of ${name}: ${why} ${then}`);
  });
}

function builtIns({ apps }: Config, { providers = {} }: HoldfastConfiguration): Finding {
  const found = Object.entries(builtInProviders(apps)).map(([name, { oauth }]) => {
    if (Object.hasOwn(providers, name)) return `${name} (replaced by the configuration file)`;
    return oauth === undefined ? `${name} (webhooks only)` : name;
  });
  return well(`Built-in providers: ${found.join(', ') || 'none'}`);
}
