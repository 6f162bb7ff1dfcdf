import type { HeaderList } from './stored-headers';

/** Names the installations that a webhook has come through, the oldest first, as `Via` does (RFC 9110 section 7.6.3). */
export const viaHeader = 'holdfast-via';

/** More than any chain that makes sense; what a sender makes up must not grow without end. */
const maxIds = 50;

/** @param values of all such headers of a request */
export function viaIds(values: readonly string[]): string[] {
  return values
    .flatMap((value) => value.split(','))
    .map((id) => id.trim())
    .filter((id) => /^[\w-]{1,64}$/.test(id))
    .slice(-maxIds);
}

/** The value for a webhook that came with these headers and now goes through another one. */
export function viaThrough(headers: HeaderList, installationId: string): string {
  const before = headers.filter(([name]) => name.toLowerCase() === viaHeader);
  return viaIds([...before.map(([, value]) => value), installationId]).join(', ');
}
