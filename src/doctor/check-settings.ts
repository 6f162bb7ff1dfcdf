import type { Config } from '../config';
import { loadConfiguration } from '../config/load-file';
import { messageOf } from '../lib/errors';
import { builtInProviders, withBuiltIns } from '../providers/built-in';
import type { HoldfastConfiguration } from '../providers/provider';
import { createRegistry } from '../providers/registry';
import { well, wrong, type Finding } from './finding';

export async function checkSettings(config: Config, cwd: string): Promise<Finding[]> {
  const missing = (name: string) => wrong(`${name}: not set, and "npm start" has made none here`);
  return [
    config.apiKeys.length > 0 ? well(`API keys: ${config.apiKeys.length}`) : missing('API keys'),
    config.keys.length > 0
      ? well(`Sealing keys: ${config.keys.map(({ id }) => id).join(', ')}`)
      : missing('Sealing keys'),
    ...(await checkProviders(config, cwd)),
  ];
}

async function checkProviders(config: Config, cwd: string): Promise<Finding[]> {
  try {
    const file = await loadConfiguration(config.configFile, cwd);
    const providers = createRegistry(file).names().join(', ') || 'none';
    createRegistry(withBuiltIns(file, config.apps));
    const handlers = Object.keys(file.handlers ?? {}).join(', ') || 'none';
    return [
      well(`Configuration file: providers ${providers}; handlers ${handlers}`),
      builtIns(config, file),
    ];
  } catch (error) {
    return [wrong(`Configuration file: ${messageOf(error)}`), builtIns(config, {})];
  }
}

function builtIns({ apps }: Config, { providers = {} }: HoldfastConfiguration): Finding {
  const found = Object.entries(builtInProviders(apps)).map(([name, { oauth }]) => {
    if (Object.hasOwn(providers, name)) return `${name} (replaced by the configuration file)`;
    return oauth === undefined ? `${name} (webhooks only)` : name;
  });
  return well(`Built-in providers: ${found.join(', ') || 'none'}`);
}
