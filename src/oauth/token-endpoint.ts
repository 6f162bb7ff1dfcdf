import * as client from 'openid-client';
import { DiscoveryError } from './discovery';
import { clientConfiguration } from './client-configuration';
import { sendOnce } from '../lib/http/send-once';
import { observe, type TokenSighting } from './observe-response';
import type { Parameters } from './server-metadata';
import type { RefreshObservation } from './classify-refresh';
import type { Provider } from '../providers/provider';

export type GrantResponse = Awaited<ReturnType<typeof client.refreshTokenGrant>>;

/** One request to a token endpoint, as the caller wants it made. */
export interface TokenRequest {
  provider: Provider;
  parameters: Parameters;
  /** Gives up, also while connecting: the caller's time limit. */
  signal: AbortSignal;
  /** Called with the connection open and nothing sent yet; what it throws calls the request off. */
  beforeSend?: (() => void) | undefined;
  /** Whether an ID token in the answer is wanted, and so validated; else it is dropped unread. */
  idToken: boolean;
  grant: (configuration: client.Configuration) => Promise<GrantResponse>;
}

export type TokenResponse =
  | { kind: 'tokens'; response: GrantResponse; askedAt: Date }
  | { kind: 'observed'; observation: RefreshObservation }
  /** Tokens came, with something beside them that fails validation (an ID token). */
  | { kind: 'invalid' }
  /** Nothing was sent. The error may hold what was asked: it goes no further than its class. */
  | { kind: 'not_asked'; error: unknown };

/**
 * Asks a token endpoint once. What counts is what was seen on the wire, taken down before
 * openid-client reads it: its errors lose the code of a 200 or 5xx answer, and hold the body.
 */
export async function askTokenEndpoint(request: TokenRequest): Promise<TokenResponse> {
  const wire: { sighting?: TokenSighting; askedAt: Date } = { askedAt: new Date() };
  try {
    const configuration = await clientConfiguration(request.provider, request.parameters);
    configuration[client.customFetch] = async (url, init) => {
      wire.askedAt = new Date();
      wire.sighting = await ask(url, init, request);
      const { answer } = wire.sighting;
      if (answer === undefined) return Response.json({ error: 'refused' }, { status: 400 });
      const { id_token, ...rest } = answer;
      return Response.json(request.idToken && id_token != null ? answer : rest);
    };
    const response = await request.grant(configuration);
    return { kind: 'tokens', response, askedAt: wire.askedAt };
  } catch (error) {
    if (wire.sighting !== undefined) {
      const { answer, observation } = wire.sighting;
      return answer === undefined ? { kind: 'observed', observation } : { kind: 'invalid' };
    }
    if (!(error instanceof DiscoveryError)) return { kind: 'not_asked', error };
    const observation = { kind: 'failed', code: 'discovery_failed', sent: false } as const;
    return { kind: 'observed', observation };
  }
}

async function ask(
  url: string,
  init: client.CustomFetchOptions,
  { provider, signal, beforeSend }: TokenRequest,
): Promise<TokenSighting> {
  const body = init.body instanceof URLSearchParams ? init.body.toString() : '';
  const { headers } = init;
  const result = await sendOnce({ method: 'POST', url, headers, body, signal, beforeSend });
  return observe(result, provider.oauth?.errorPointer);
}
