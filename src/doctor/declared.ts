import type { Config } from '../config';
import { loadConfiguration } from '../config/load-file';
import { createProviderConnections } from '../destinations/agent';
import { messageOf } from '../lib/errors';
import { withBuiltIns } from '../providers/built-in';
import type { HoldfastConfiguration } from '../providers/provider';
import { createRegistry, type Registry } from '../providers/registry';

/**
 * What the configuration file declares, and the built-in providers beside it; or why that can't be used. `path`: the
 * file's, if there is one.
 */
export type Declared =
  | { path: string | undefined; file: HoldfastConfiguration; registry: Registry }
  | { problem: string };

export async function readDeclared(config: Config, cwd: string): Promise<Declared> {
  try {
    const { declared: file, found: path } = await loadConfiguration(config.configFile, cwd);
    const connections = createProviderConnections(config);
    const registry = createRegistry(withBuiltIns(file, config.apps), connections);
    return { path, file, registry };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
