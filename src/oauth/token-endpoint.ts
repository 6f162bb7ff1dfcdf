import * as client from 'openid-client';
import { sendOnce, type HttpResult } from '../lib/http/send-once';
import { readPointer } from '../lib/json-pointer';
import type { Provider } from '../providers/provider';
import type { ClientMethod, ClientMethods } from './client-authentication';
import { clientConfiguration, type Parameters } from './client-configuration';
import { DiscoveryError } from './discovery';
import { asObject, observe, type RefreshObservation, readAnswer } from './read-answer';
import { readTokenSet, type TokenSet } from './token-set';

type GrantResponse = Awaited<ReturnType<typeof client.refreshTokenGrant>>;

/** One request to a token endpoint, as the caller wants it made. */
export interface TokenRequest {
  provider: Provider;
  parameters: Parameters;
  /** Gives up, also while connecting: the caller's time limit. */
  signal: AbortSignal;
  /** Called with the connection open and nothing sent yet; what it throws calls the request off. */
  beforeSend?: (() => void) | undefined;
  clientMethods?: ClientMethods | undefined;
  /** In place of what is declared and known. */
  method?: ClientMethod | undefined;
  /**
   * `refresh`: an ID token in the answer is dropped unread, since its validation could only lose tokens that already
   * replaced the old ones.
   */
  kind: 'exchange' | 'exchange_with_id_token' | 'refresh';
  grant: (configuration: client.Configuration) => Promise<GrantResponse>;
}

/** How the client authenticated, where it was not by a header of the declaration's own or without a secret. */
type UsedClient = Pick<Awaited<ReturnType<typeof clientConfiguration>>, 'at' | 'method'>;

/** Who asked, and where. */
export interface Asked {
  /** `<client id> <origin of the token address>`. */
  client: string;
  /** HTTP status; absent where no whole answer came. */
  status?: number;
}

export type TokenResponse =
  /** `document` is the whole answer. Both are secret. */
  | { kind: 'tokens'; tokens: TokenSet; document: Readonly<Record<string, unknown>>; asked: Asked }
  /** `asked` is absent where discovery failed. */
  | { kind: 'observed'; observation: RefreshObservation; asked?: Asked }
  /** Tokens came, with something beside them that fails validation (an ID token). */
  | { kind: 'invalid'; asked: Asked }
  /** Nothing was sent. The error may hold what was asked: it goes no further than its class. */
  | { kind: 'not_asked'; error: unknown };

/**
 * Asks a token endpoint once. What counts is what was seen on the wire, taken down before
 * openid-client reads it: its errors lose the code of a 200 or 5xx answer, and hold the body.
 */
export async function askTokenEndpoint(
  request: TokenRequest,
): Promise<TokenResponse & { client?: UsedClient }> {
  const wire: { sighting?: Sighting; client?: UsedClient } = {};
  const response = await ask(request, wire);
  return wire.client === undefined ? response : { ...response, client: wire.client };
}

async function ask(
  request: TokenRequest,
  wire: { sighting?: Sighting; client?: UsedClient },
): Promise<TokenResponse> {
  const { provider, parameters, signal, beforeSend } = request;
  try {
    const { configuration, ...used } = await clientConfiguration(provider, parameters, request);
    wire.client = used;
    configuration[client.customFetch] = async (url, { headers, body: form }) => {
      const askedAt = new Date();
      const body = form instanceof URLSearchParams ? form.toString() : '';
      const { connect } = provider.outgoing;
      const result = await sendOnce({
        ...{ method: 'POST', url, headers, body, connect, signal, beforeSend },
      });
      wire.sighting = seen(request, url, result, askedAt);
      return forLibrary(wire.sighting.found);
    };
    const claims = (await request.grant(configuration)).claims();
    return obtained(wire.sighting, claims);
  } catch (error) {
    if (wire.sighting !== undefined) {
      const { asked, observation, found } = wire.sighting;
      return found === undefined
        ? { kind: 'observed', observation, asked }
        : { kind: 'invalid', asked };
    }
    if (!(error instanceof DiscoveryError)) return { kind: 'not_asked', error };
    const observation = { kind: 'failed', code: error.code, sent: false } as const;
    return { kind: 'observed', observation };
  }
}

function obtained(
  sighting: Sighting | undefined,
  claims: TokenSet['idTokenClaims'],
): TokenResponse {
  if (sighting?.found === undefined) throw new TypeError('There are no tokens.');
  const { asked, found } = sighting;
  const tokens = claims === undefined ? found.tokens : { ...found.tokens, idTokenClaims: claims };
  return { kind: 'tokens', tokens, document: asObject(found.document), asked };
}

/** What came from a token endpoint. */
interface Sighting {
  asked: Asked;
  observation: RefreshObservation;
  /** Secret. Only where there are tokens. */
  found?: Found;
}

interface Found {
  tokens: TokenSet;
  document: unknown;
  /** Only where it is wanted. */
  idToken?: unknown;
}

function seen(
  { provider, kind }: TokenRequest,
  url: string,
  result: HttpResult,
  askedAt: Date,
): Sighting {
  const { clientId = '' } = provider.oauth ?? {};
  const client = `${clientId} ${new URL(url).origin}`;
  const observation = observe(result, provider);
  if (result.kind === 'failed') return { asked: { client }, observation };
  const { status } = result;
  const { document } = readAnswer(status, result.body);
  const tokens = isSuccess(status, document)
    ? tokensIn(document, provider, kind, askedAt)
    : undefined;
  const { id_token: idToken } = asObject(document);
  const wanted = kind === 'exchange_with_id_token' && idToken != null ? { idToken } : {};
  return {
    asked: { client, status },
    observation,
    ...(tokens === undefined ? {} : { found: { tokens, document, ...wanted } }),
  };
}

/** Some providers answer 200 with an error in the body, one of them (Slack) beside tokens that it takes back. */
function isSuccess(status: number, document: unknown): boolean {
  return status >= 200 && status < 300 && asObject(document)['ok'] !== false;
}

/** A refresh may answer without the objects around the tokens, which of an exchange would be others' tokens. */
function tokensIn(
  document: unknown,
  { oauth = { clientId: undefined } }: Provider,
  kind: TokenRequest['kind'],
  at: Date,
): TokenSet | undefined {
  const asked = { at, hasRefreshToken: kind === 'refresh' };
  const declared = readTokenSet(readPointer(document, oauth.tokenPointer ?? ''), oauth, asked);
  if (declared !== undefined || kind !== 'refresh') return declared;
  return readTokenSet(document, oauth, asked);
}

/** What openid-client has to see. The token's type is often missing, or the provider's own (Slack: `bot`). */
function forLibrary(found: Found | undefined): Response {
  if (found === undefined) return Response.json({ error: 'refused' }, { status: 400 });
  const { tokens, idToken } = found;
  return Response.json({
    access_token: tokens.accessToken,
    token_type: 'bearer',
    ...(idToken === undefined ? {} : { id_token: idToken }),
  });
}
