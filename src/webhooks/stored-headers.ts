const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The headers that concern one connection only and must not travel on: the fixed ones, and those
 * that `Connection` names (RFC 9110 section 7.6.1). `expect` is with them: it was for us.
 * @returns lower-case names
 */
export function hopByHopNames(
  headers: readonly (readonly [string, string])[],
): ReadonlySet<string> {
  const options = headers
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(',').map((option) => option.trim().toLowerCase()));
  return options.length === 0 ? hopByHop : new Set([...hopByHop, ...options]);
}

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

/** Reads back what `keptHeaders` wrote; of a delivery whose body was dropped, nothing. */
export function parseKeptHeaders(text: string): HeaderList {
  return text === '' ? [] : (JSON.parse(text) as HeaderList);
}
