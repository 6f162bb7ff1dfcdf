import * as client from 'openid-client';
import { sendOnce, type HttpResult } from '../lib/http/send-once';
import { readFirst } from '../lib/json-pointer';
import type { Pointers, Provider } from '../providers/provider';
import { clientConfiguration, type Parameters } from './client-configuration';
import { DiscoveryError } from './discovery';

export type GrantResponse = Awaited<ReturnType<typeof client.refreshTokenGrant>>;

/** One request to a token endpoint, as the caller wants it made. */
interface TokenRequest {
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

/** Who asked, and where. */
export interface Asked {
  /** `<client id> <origin of the token address>`. */
  client: string;
  /** HTTP status; absent where no whole answer came. */
  status?: number;
}

export type TokenResponse =
  | { kind: 'tokens'; response: GrantResponse; askedAt: Date; asked?: Asked }
  /** `asked` is absent where discovery failed. */
  | { kind: 'observed'; observation: RefreshObservation; asked?: Asked }
  /** Tokens came, with something beside them that fails validation (an ID token). */
  | { kind: 'invalid'; asked?: Asked }
  /** Nothing was sent. The error may hold what was asked: it goes no further than its class. */
  | { kind: 'not_asked'; error: unknown };

/**
 * Asks a token endpoint once. What counts is what was seen on the wire, taken down before
 * openid-client reads it: its errors lose the code of a 200 or 5xx answer, and hold the body.
 */
export async function askTokenEndpoint(request: TokenRequest): Promise<TokenResponse> {
  const wire: { sighting?: TokenSighting; askedAt: Date; asked?: Asked } = { askedAt: new Date() };
  const asked = () => (wire.asked === undefined ? {} : { asked: wire.asked });
  try {
    const configuration = await clientConfiguration(request.provider, request.parameters);
    configuration[client.customFetch] = async (url, init) => {
      wire.askedAt = new Date();
      wire.sighting = await ask(url, init, request);
      const { answer, observation } = wire.sighting;
      wire.asked = askedOf(request.provider, url, observation);
      if (answer === undefined) return Response.json({ error: 'refused' }, { status: 400 });
      const { id_token, ...rest } = answer;
      return Response.json(request.idToken && id_token != null ? answer : rest);
    };
    const response = await request.grant(configuration);
    return { kind: 'tokens', response, askedAt: wire.askedAt, ...asked() };
  } catch (error) {
    if (wire.sighting !== undefined) {
      const { answer, observation } = wire.sighting;
      return answer === undefined
        ? { kind: 'observed', observation, ...asked() }
        : { kind: 'invalid', ...asked() };
    }
    if (!(error instanceof DiscoveryError)) return { kind: 'not_asked', error };
    const observation = { kind: 'failed', code: 'discovery_failed', sent: false } as const;
    return { kind: 'observed', observation };
  }
}

function askedOf({ oauth }: Provider, url: string, observation: RefreshObservation): Asked {
  return {
    client: `${oauth?.clientId ?? ''} ${new URL(url).origin}`,
    ...(observation.kind === 'answered' ? { status: observation.status } : {}),
  };
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

/** What was seen of one attempt to refresh. Holds no secret. */
export type RefreshObservation =
  | {
      kind: 'answered';
      status: number;
      /** The error in the body, whatever the status; absent where none was readable. */
      error?: string;
      /** From `Retry-After`. */
      retryAfterMs?: number;
    }
  | { kind: 'failed'; code: string; sent: boolean };

/** What came from a token endpoint: tokens, or what there is to classify. */
interface TokenSighting {
  observation: RefreshObservation;
  /** Secret. Only where there are tokens. */
  answer?: Record<string, unknown>;
}

/** @param errorPointer where an error stands if not in `error` */
export function observe(result: HttpResult, errorPointer?: Pointers): TokenSighting {
  if (result.kind === 'failed') return { observation: result };
  const { status, retryAfterMs, body } = result;
  const reading = readTokenAnswer(status, body, errorPointer);
  return {
    observation: {
      kind: 'answered',
      status,
      ...(reading.kind === 'error' ? { error: reading.code } : {}),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
    ...(reading.kind === 'tokens' ? { answer: reading.answer } : {}),
  };
}

/** A token endpoint's answer, read for what it is rather than for its status. */
type TokenEndpointReading =
  | { kind: 'tokens'; answer: Record<string, unknown> }
  | { kind: 'error'; code: string }
  /** HTML, nothing, half an answer, or JSON that is neither tokens nor an error. */
  | { kind: 'unreadable' };

/** Beyond it a lifetime is a mistake, and its date could not be represented. */
const longestLifetimeSeconds = 100 * 365 * 24 * 60 * 60;

/**
 * Some providers answer 200 with an error in the body (GitHub: `error`; Slack: `ok: false`). And
 * once tokens have come, the old refresh token may be gone: a field beside them that can't be read
 * counts as absent, so that the new ones are not lost over it.
 * @param errorPointer where an error stands if not in `error`
 */
function readTokenAnswer(
  status: number,
  body: Buffer,
  errorPointer?: Pointers,
): TokenEndpointReading {
  const json = parseObject(body);
  if (json === undefined) return { kind: 'unreadable' };
  const succeeded = status >= 200 && status < 300 && json['ok'] !== false;
  if (succeeded && isText(json['access_token'])) return { kind: 'tokens', answer: clean(json) };
  const elsewhere = errorPointer === undefined ? undefined : readFirst(json, errorPointer);
  const code = [json['error'], elsewhere].find(isErrorCode);
  return code === undefined ? { kind: 'unreadable' } : { kind: 'error', code };
}

function parseObject(body: Buffer): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(body.toString('utf8'));
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
    return json as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function clean(json: Record<string, unknown>): Record<string, unknown> {
  const { refresh_token, expires_in, scope, ...rest } = json;
  const lifetime = readLifetime(expires_in);
  return {
    ...rest,
    // Often missing (Shopify), or the provider's own kind of token (Slack: `bot`).
    token_type: 'bearer',
    ...(isText(refresh_token) ? { refresh_token } : {}),
    ...(lifetime === undefined ? {} : { expires_in: lifetime }),
    ...(isText(scope) ? { scope } : {}),
  };
}

function readLifetime(value: unknown): number | undefined {
  const seconds = isText(value) ? Number(value) : value;
  if (typeof seconds !== 'number' || !(seconds > 0)) return undefined;
  return seconds <= longestLifetimeSeconds ? seconds : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Codes end up in logs and pages: nothing else that a body may hold passes for one. */
export function isErrorCode(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(value);
}
