import type { FastifyReply, FastifyRequest } from 'fastify';
import { signedOut } from './connect/failures';
import type { GatewayConfig } from '../deps';

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
    throw signedOut(config.appName);
  }
  return reply.redirect(address, 302);
}
