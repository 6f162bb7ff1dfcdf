import type { Config } from '../config';
import { loadConfiguration } from '../config/load-file';
import { messageOf } from '../errors';
import { createRegistry } from '../providers/registry';
import { well, wrong, type Finding } from './finding';

export async function checkSettings(config: Config, cwd: string): Promise<Finding[]> {
  const missing = (name: string) => wrong(`${name}: not set, and "npm start" has made none here`);
  return [
    config.apiKeys.length > 0 ? well(`API keys: ${config.apiKeys.length}`) : missing('API keys'),
    config.keys.length > 0
      ? well(`Sealing keys: ${config.keys.map(({ id }) => id).join(', ')}`)
      : missing('Sealing keys'),
    await checkConfigurationFile(config, cwd),
  ];
}

async function checkConfigurationFile(config: Config, cwd: string): Promise<Finding> {
  try {
    const configuration = await loadConfiguration(config.configFile, cwd);
    const providers = createRegistry(configuration).names().join(', ') || 'none';
    const handlers = Object.keys(configuration.handlers ?? {}).join(', ') || 'none';
    return well(`Configuration file: providers ${providers}; handlers ${handlers}`);
  } catch (error) {
    return wrong(`Configuration file: ${messageOf(error)}`);
  }
}
