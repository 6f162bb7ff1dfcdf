import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HoldfastConfiguration } from '../providers/provider';
import { ConfigError } from './settings';

const usualNames = ['holdfast.config.mjs', 'holdfast.config.js', 'holdfast.config.cjs'];

/**
 * Loads the configuration file; what it says is checked by the registry.
 * @param file `HOLDFAST_CONFIG`; without it the usual names are looked for, and none is fine
 * @throws ConfigError where it is missing, doesn't load or exports no object
 */
export async function loadConfiguration(
  file: string | undefined,
  cwd: string,
): Promise<HoldfastConfiguration> {
  const { found } = findConfigurationFile(file, cwd);
  if (found === undefined) {
    if (file === undefined) return {};
    throw new ConfigError([
      `HOLDFAST_CONFIG: there is no file at ${path.resolve(cwd, file)}; allowed: a path from ${cwd}`,
    ]);
  }
  const exported = await load(found);
  if (typeof exported === 'object' && exported !== null) return exported;
  throw new ConfigError([`${found}: must export an object: export default defineConfig({ … })`]);
}

/** Which file it is, if there is one; `looked`: the paths that were tried. */
export function findConfigurationFile(
  file: string | undefined,
  cwd: string,
): { found: string | undefined; looked: readonly string[] } {
  const looked = (file === undefined ? usualNames : [file]).map((name) => path.resolve(cwd, name));
  return { found: looked.find((candidate) => existsSync(candidate)), looked };
}

async function load(file: string): Promise<unknown> {
  try {
    const loaded = (await import(pathToFileURL(file).href)) as { default?: unknown };
    return loaded.default;
  } catch (cause) {
    throw new ConfigError([`${file}: can't be loaded: ${describe(cause)}`], { cause });
  }
}

/** Where a syntax error is stands only in the first line of its stack. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const where = error instanceof SyntaxError ? error.stack?.split('\n')[0] : undefined;
  return where === undefined || where.includes(error.message)
    ? error.message
    : `${error.message} (${where})`;
}
