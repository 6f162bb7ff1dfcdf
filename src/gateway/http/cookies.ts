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
