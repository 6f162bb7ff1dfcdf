import type { FastifyReply } from 'fastify';
import { randomToken, sha256 } from '../../../crypto/hash';
import type { SealedContext } from '../../../crypto/encrypted-columns';
import { inTransaction } from '../../../db/transaction';
import { type HeldCode, takeReconnectCode } from '../../../db/queries/people/reconnect-codes';
import { insertOAuthState, type OAuthState } from '../../../db/queries/people/oauth-states';
import { authorizationRequest } from '../../../oauth/authorize';
import type { Provider } from '../../../providers/provider';
import { stateCookie, stateCookieSeconds, surplusStateCookies } from '../../http/cookies';
import type { Encryption, Rows, Settings } from '../../deps';
import { wayIn } from '../sign-in';
import { signedOut } from './failures';
import { unusableCode } from './reconnect-code';

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
 * @param taking the code that this begins with: used up where the way is stored, and not before
 * @throws DiscoveryError where the provider's metadata can't be read
 * @throws HoldfastError `invalid_request` where a parameter is missing or doesn't match
 * @throws PageFailure where the session that sets out has ended meanwhile, or another browser has taken the code
 */
export async function sendToProvider(
  { pool, envelope, config }: Rows & Settings & Encryption,
  reply: FastifyReply,
  provider: Provider,
  journey: Journey,
  taking?: HeldCode,
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
  const sealedCodeVerifier = envelope.seal(codeVerifier, verifierContext(stateHash));
  const isStored = await inTransaction(pool, async (client) => {
    if (taking !== undefined && !(await takeReconnectCode(client, taking))) {
      throw unusableCode('used', config);
    }
    return insertOAuthState(client, {
      ...{ ...journey, provider: provider.name, stateHash, browserHash: sha256(browser) },
      ...{ sealedCodeVerifier, nonce, lifetimeSeconds },
    });
  });
  if (!isStored) throw signedOut(config.appName, wayIn(config));
  const cookie = stateCookie(config.publicUrl, stateHash);
  for (const name of surplusStateCookies(config.publicUrl, Object.keys(reply.request.cookies))) {
    reply.clearCookie(name, cookie.options);
  }
  return reply
    .setCookie(cookie.name, browser, { ...cookie.options, maxAge: stateCookieSeconds })
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .redirect(address.href, 302);
}
