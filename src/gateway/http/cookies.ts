import type { CookieSerializeOptions } from '@fastify/cookie';
import { sha256 } from '../../crypto/hash';
import { basePath } from './own-path';

export interface CookieShape {
  name: string;
  options: CookieSerializeOptions;
}

/**
 * Lax: sent when the provider leads back, not when another site posts. `__Host-` keeps other hosts
 * of the domain from setting it (RFC 6265bis section 4.1.3.2); it needs https, and the path `/`: what is ours and what
 * is another installation's at the same host is told by the name.
 */
function shape(publicUrl: string, kind: string): CookieShape {
  const secure = publicUrl.startsWith('https:');
  const base = basePath({ publicUrl });
  const name = base === '' ? kind : `${kind}-${sha256(base).toString('hex', 0, 8)}`;
  return {
    name: secure ? `__Host-${name}` : name,
    options: { httpOnly: true, sameSite: 'lax', path: '/', secure },
  };
}

export const sessionCookie = (publicUrl: string): CookieShape =>
  shape(publicUrl, 'holdfast-session');

/** One for each code of a notification: it tells the browser that has used it from others who have the notification. */
export const reconnectCookie = (publicUrl: string, codeHash: Buffer): CookieShape =>
  shape(publicUrl, `holdfast-reconnect-${codeHash.toString('hex', 0, 8)}`);

/** One for each way to a provider, so that two tabs don't spoil each other's. */
export const stateCookie = (publicUrl: string, stateHash: Buffer): CookieShape =>
  shape(publicUrl, `holdfast-oauth-${stateHash.toString('hex', 0, 8)}`);

/**
 * How long a browser keeps one, in seconds: as long as the row is there after its end. A cookie that ends with it would say
 * "another browser" to whoever comes too late.
 */
export const stateCookieSeconds = 86_400;

/** Beyond these a browser's header grows too long for servers. */
const stateCookiesKept = 20;

/** @param names in the browser's order, the oldest first (RFC 6265, section 5.4). @returns those that give way to another one */
export function surplusStateCookies(publicUrl: string, names: readonly string[]): string[] {
  const ours = stateCookiesOf(publicUrl, names);
  return ours.slice(0, Math.max(0, ours.length - stateCookiesKept + 1));
}

/** @returns those of the names that are of a way to a provider, in their order */
export function stateCookiesOf(publicUrl: string, names: readonly string[]): string[] {
  const shortest = Buffer.alloc(8);
  const digits = shortest.toString('hex');
  const [before = '', after = ''] = stateCookie(publicUrl, shortest).name.split(digits);
  return names.filter(
    (name) =>
      name.length === before.length + digits.length + after.length &&
      name.startsWith(before) &&
      name.endsWith(after),
  );
}
