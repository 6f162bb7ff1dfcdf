const hopByHop = new Set([
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
export function hopByHopNames(headers: readonly (readonly [string, string])[]): Set<string> {
  const names = new Set(hopByHop);
  for (const [name, value] of headers) {
    if (name.toLowerCase() !== 'connection') continue;
    for (const option of value.split(',')) names.add(option.trim().toLowerCase());
  }
  return names;
}
