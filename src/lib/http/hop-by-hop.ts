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
