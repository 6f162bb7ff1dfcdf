import type { FastifyReply } from 'fastify';
import { randomToken, sha256 } from '../../../crypto/hash';
import type { SealedContext } from '../../../crypto/encrypted-columns';
import { insertOAuthState, type OAuthState } from '../../../db/queries/people/oauth-states';
import { authorizationRequest } from '../../../oauth/authorize';
import type { Provider } from '../../../providers/provider';
import { stateCookie } from '../../http/cookies';
import type { Encryption, Rows, Settings } from '../../deps';
import { wayIn } from '../sign-in';
import { signedOut } from './failures';

/** Whom a person connects, and what happens afterwards. */
export type Journey = Pick<
  OAuthState,
  | 'integrationId'
  | 'credentialName'
  | 'credentialId'
  | 'parameters'
  | 'returnTo'
  | 'resume'
  | 'consentForced'
  | 'sessionId'
  | 'userLabel'
  | 'confirm'
  | 'reconnectCodeHash'
>;

const lifetimeSeconds = 600;

export const redirectUri = (publicUrl: string, provider: string): string =>
  `${publicUrl}/oauth/${encodeURIComponent(provider)}/callback`;

/** The verifier is sealed for the one row that it belongs to. */
export const verifierContext = (stateHash: Buffer): SealedContext =>
  `oauth_states.code_verifier:${stateHash.toString('hex')}`;

/**
 * Sends a browser to the provider. What comes back counts only in this browser, once, and for ten
 * minutes.
 * @throws DiscoveryError where the provider's metadata can't be read
 * @throws HoldfastError `invalid_request` where a parameter is missing or doesn't match
 * @throws PageFailure where the session that sets out has ended meanwhile
 */
export async function sendToProvider(
  { pool, envelope, config }: Rows & Settings & Encryption,
  reply: FastifyReply,
  provider: Provider,
  journey: Journey,
): Promise<FastifyReply> {
  const state = randomToken(32);
  const browser = randomToken(32);
  const codeVerifier = randomToken(32);
  const nonce = randomToken(16);
  const address = await authorizationRequest(provider, {
    redirectUri: redirectUri(config.publicUrl, provider.name),
    state,
    codeVerifier,
    nonce,
    parameters: journey.parameters ?? undefined,
    prompt: journey.consentForced ? 'consent' : undefined,
  });
  const stateHash = sha256(state);
  const isStored = await insertOAuthState(pool, {
    ...journey,
    provider: provider.name,
    stateHash,
    browserHash: sha256(browser),
    sealedCodeVerifier: envelope.seal(codeVerifier, verifierContext(stateHash)),
    nonce,
    lifetimeSeconds,
  });
  if (!isStored) throw signedOut(config.appName, wayIn(config));
  const cookie = stateCookie(config.publicUrl, stateHash);
  return reply
    .setCookie(cookie.name, browser, { ...cookie.options, maxAge: lifetimeSeconds })
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .redirect(address.href, 302);
}
