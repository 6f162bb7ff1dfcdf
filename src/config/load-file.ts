import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HoldfastConfiguration } from '../providers/provider';
import { ConfigError } from './settings';

const usualNames = ['mjs', 'js', 'cjs', 'mts', 'ts'].map((ending) => `holdfast.config.${ending}`);

/** What a configuration file declares, and which one it is. */
export interface LoadedFile {
  /** Empty where there is no file. */
  declared: HoldfastConfiguration;
  /** Its path, if there is one. */
  found: string | undefined;
  /** The paths that were tried. */
  looked: readonly string[];
}

/**
 * Looks for the configuration file and loads it; what it says is checked by the registry.
 * @param file `HOLDFAST_CONFIG`; without it the usual names are looked for, and none is fine
 * @throws ConfigError where it is missing, is one of two, is TypeScript that this Node doesn't load, doesn't load
 * otherwise, or exports no object
 */
export async function loadConfiguration(
  file: string | undefined,
  cwd: string,
): Promise<LoadedFile> {
  const { found, looked } = findConfigurationFile(file, cwd);
  if (found === undefined) {
    if (file === undefined) return { declared: {}, found, looked };
    throw new ConfigError([
      `HOLDFAST_CONFIG: there is no file at ${path.resolve(cwd, file)}; allowed: a path from ${cwd}`,
    ]);
  }
  if (/\.[cm]?ts$/.test(found) && !stripsTypes()) {
    throw new ConfigError([
      `${found}: TypeScript, which Node ${process.version} does not load as it is; allowed: Node 22.18 or later, or the file compiled to .mjs, with its path in HOLDFAST_CONFIG`,
    ]);
  }
  const exported = unwrapped(await load(found));
  if (isObject(exported)) return { declared: exported, found, looked };
  throw new ConfigError([`${found}: must export an object: export default defineConfig({ … })`]);
}

/** @throws ConfigError where there is more than one */
function findConfigurationFile(
  file: string | undefined,
  cwd: string,
): Pick<LoadedFile, 'found' | 'looked'> {
  const looked = (file === undefined ? usualNames : [file]).map((name) => path.resolve(cwd, name));
  const there = looked.filter((candidate) => existsSync(candidate));
  if (there.length > 1) {
    const names = there.map((one) => path.basename(one)).join(' and ');
    throw new ConfigError([
      `${names} are both in ${cwd}; allowed: one of them, or HOLDFAST_CONFIG with the path of the one that counts`,
    ]);
  }
  return { found: there[0], looked };
}

/** https://nodejs.org/api/process.html#processfeaturestypescript */
const stripsTypes = () => Boolean((process.features as { typescript?: unknown }).typescript);

/** The default export of a module that was compiled to CommonJS is in another one, once for each that loads it so. */
function unwrapped(exported: unknown): unknown {
  if (!isObject(exported) || !('default' in exported)) return exported;
  const { default: inner, ...others } = exported;
  if (inner === exported) return others;
  const isWrapper = '__esModule' in exported || Object.keys(others).length === 0;
  return isWrapper ? unwrapped(inner) : exported;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
