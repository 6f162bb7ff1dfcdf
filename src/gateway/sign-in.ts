import type { FastifyReply } from 'fastify';
import { signedOut } from './connect-failures';
import type { GatewayConfig } from './deps';

/** Where the application signs its people in, and sends them back to that path from. */
export function signInAddress(
  { publicUrl, signInUrl }: GatewayConfig,
  path: string,
): string | undefined {
  if (signInUrl === undefined) return undefined;
  const address = new URL(signInUrl);
  address.searchParams.set('returnTo', publicUrl + path);
  return address.href;
}

/**
 * Sends a person without a session to where they get one. Before anything is said about what they asked for.
 * @throws PageFailure where there is no such place
 */
export function sendToSignIn(
  config: GatewayConfig,
  reply: FastifyReply,
  path: string,
): FastifyReply {
  const address = signInAddress(config, path);
  if (address === undefined) throw signedOut(config.appName);
  return reply.redirect(address, 302);
}
