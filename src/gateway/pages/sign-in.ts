import type { FastifyReply, FastifyRequest } from 'fastify';
import { signedOut } from './connect/failures';
import type { Way } from '../../web/pages/message';
import type { GatewayConfig } from '../deps';
import { ownPath } from '../http/own-path';

/** Where the application signs its people in, and sends them back to that path of ours from. */
export function signInAddress(
  { publicUrl, signInUrl }: GatewayConfig,
  path: string,
): string | undefined {
  if (signInUrl === undefined) return undefined;
  const address = new URL(signInUrl);
  address.searchParams.set('returnTo', new URL(path, publicUrl).href);
  return address.href;
}

/**
 * Where a person without a session gets one: what the settings name, else the first of the application's own pages that
 * they know. Where they know none it is worth to look again, once the application has given its user another link.
 *
 * @param here the path, as browsers know it, of the page that they are on
 */
export const wayIn = (config: GatewayConfig, here?: string): Way =>
  wayToApp(config, here) ??
  (here === undefined
    ? { href: ownPath(config, '/'), label: 'Your connections' }
    : { href: here, label: 'Try again' });

/** The same; undefined where the settings know no page of the application's. */
export function wayToApp(config: GatewayConfig, here = ownPath(config, '/')): Way | undefined {
  const href = signInAddress(config, here) ?? config.allowedOrigins[0];
  return href === undefined ? undefined : { href, label: `Go to ${config.appName}` };
}

/**
 * Sends a person without a session to where they get one, before anything is said about what they asked for. A page's
 * script that asks is not sent along: it could not read what comes from there.
 * @throws PageFailure where there is no such place, or nobody to send
 */
export function sendToSignIn(
  config: GatewayConfig,
  { headers }: FastifyRequest,
  reply: FastifyReply,
  path: string,
): FastifyReply {
  const address = signInAddress(config, path);
  // Fetch Metadata: `empty` is a script's own request.
  if (address === undefined || headers['sec-fetch-dest'] === 'empty') {
    throw signedOut(config.appName, wayIn(config, path));
  }
  return reply.redirect(address, 302);
}
