import { hopByHopNames } from '../lib/http/hop-by-hop';

export type HeaderList = readonly (readonly [name: string, value: string])[];

const secretNames = new Set(['authorization', 'cookie', 'proxy-authorization']);

/**
 * The headers that are stored with a delivery: all but those that hold somebody's credentials and
 * those of the connection.
 * @param rawHeaders name, value, name, value, … as Node has them
 * @returns JSON text: `[[name, value], …]` in their order
 */
export function keptHeaders(rawHeaders: readonly string[]): string {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    pairs.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  }
  const dropped = hopByHopNames(pairs);
  const isKept = (name: string) => !dropped.has(name) && !secretNames.has(name);
  return JSON.stringify(pairs.filter(([name]) => isKept(name.toLowerCase())));
}

/** Reads back what `keptHeaders` wrote. */
export function parseKeptHeaders(text: string): HeaderList {
  return JSON.parse(text) as HeaderList;
}
