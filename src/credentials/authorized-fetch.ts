import { AddressNotAllowedError } from '../destinations/address-not-allowed-error';
import type { GuardedDispatcher } from '../lib/http/guarded';
import { tokenHeader } from '../providers/token-header';
import type { HandlerContext } from '../handler-api';
import { answered, requestSpan } from '../tracing/http-span';
import { inSpan } from '../tracing/in-span';
import { eitherSignal } from '../lib/abort';
import { PermanentError } from '../lib/errors';
import { type DeclaredRejections, isTokenRejection } from './rejected-token-response';
import {
  RefreshUnavailableError,
  type TokenError,
  type LiveToken,
  liveToken,
  type TokenAnswer,
  type TokenSource,
} from './token-source';

export interface AuthorizedFetchOptions extends DeclaredRejections {
  /** Where a credential's token may go, as `URL.origin` writes them: each has addresses of its own. */
  origins: (credential: string) => readonly string[];
  tokens: TokenSource;
  /** Says where it may go: an origin may come from a connection's parameters. */
  dispatcher: GuardedDispatcher;
  /** The declaration's. */
  tokenHeader?: string | undefined;
  /** For the last moment before something leaves: whether somebody else may be at work already. */
  isOver?: (() => boolean) | undefined;
  /** Ends every request that is under way. */
  signal: AbortSignal;
  /** Called with each error about the token before it is thrown. */
  onTokenError(error: TokenError): void;
  /** The global one by default. */
  fetch?: typeof fetch;
}

/**
 * Both signals end the reading of a body too, which nobody tells the end of: they are left alone once it is garbage.
 * A handler's own signal may live as long as the process.
 */
const abandonedBodies = new FinalizationRegistry((clear: () => void) => clear());

/**
 * `fetch` with an access token. Redirects are returned, not followed: the token must not go where
 * an answer points. A 401, or what the provider declares beside it, makes it refresh once and try once
 * more; a body that is a stream can't be sent twice, so that its 401 is returned.
 */
export function createAuthorizedFetch(options: AuthorizedFetchOptions): HandlerContext['fetch'] {
  const { tokens, signal } = options;

  const noted = <Value>(work: Promise<Value>): Promise<Value> =>
    work.catch((error: unknown) => {
      if (!(error instanceof PermanentError)) options.onTokenError(error as TokenError);
      throw error;
    });

  const use = (credential: string, ask: () => Promise<TokenAnswer>) =>
    noted(liveToken(credential, ask));

  const send = async (url: URL, init: RequestInit, accessToken: string) => {
    signal.throwIfAborted();
    if (options.isOver?.() === true) throw new Error('The attempt is over');
    const headers = authorized(init.headers, tokenHeader(options.tokenHeader, accessToken));
    const either = eitherSignal(signal, init.signal ?? undefined);
    try {
      const request = { ...init, headers, redirect: 'manual', signal: either.signal } as const;
      const ask = () =>
        (options.fetch ?? fetch)(url, { ...request, ...through(options.dispatcher) });
      const answer = await inSpan(
        () => requestSpan(init.method ?? 'GET', 'provider', url),
        ask,
        ({ status }) => answered(status),
      );
      abandonedBodies.register(answer.body ?? answer, () => either.clear());
      return answer;
    } catch (error) {
      either.clear();
      throw whyNotSent(error);
    }
  };

  return async (input, { credential = 'main', ...init } = {}) => {
    const url = allowedUrl(input, options.origins(credential));
    signal.throwIfAborted();
    const first = await use(credential, () => tokens.token(credential, signal));
    const answer = await send(url, init, first.accessToken);
    if (!(await isTokenRejection(answer, options))) return taken(credential, first, answer);
    const second = await use(credential, () => tokens.refused(credential, first.version, signal));
    if (isStream(init.body)) return answer;
    await discard(answer);
    const again = await send(url, init, second.accessToken);
    if (!(await isTokenRejection(again, options))) return taken(credential, second, again);
    await discard(again);
    const { version } = await use(credential, () =>
      tokens.refused(credential, second.version, signal),
    );
    const refused = { code: 'access_refused', version };
    return noted(Promise.reject(new RefreshUnavailableError(credential, refused)));
  };

  async function taken(credential: string, token: LiveToken, answer: Response): Promise<Response> {
    if (token.rejectedBefore === true && answer.ok)
      await tokens.accepted(credential, token.version);
    return answer;
  }
}

/** Node's own types know `dispatcher` from another version of undici than the one that is used. */
function through(dispatcher: GuardedDispatcher): RequestInit {
  return { dispatcher } as unknown as RequestInit;
}

/** `fetch failed` says nothing to whoever has to change a setting. */
function whyNotSent(error: unknown): unknown {
  const { cause } = error instanceof Error ? error : {};
  return cause instanceof AddressNotAllowedError ? cause : error;
}

/** Only the origin is named in an error: a path or a query may hold secrets. */
function allowedUrl(input: string | URL, origins: readonly string[]): URL {
  if (!URL.canParse(String(input))) throw new Error('ctx.fetch needs an absolute address');
  const url = new URL(input);
  if (url.username !== '' || url.password !== '') {
    throw new Error(`ctx.fetch takes no credentials in the address of ${url.origin}`);
  }
  if (!origins.includes(url.origin)) {
    const allowed = origins.length === 0 ? 'nowhere' : `only to ${origins.join(', ')}`;
    throw new Error(`ctx.fetch sends the token ${allowed}, not to ${url.origin}`);
  }
  return url;
}

function authorized(headers: RequestInit['headers'], [name, value]: [string, string]): Headers {
  // `Headers` would quote the token in the error that it throws.
  if (!/^(Bearer )?[\x21-\x7e]+$/.test(value))
    throw new Error('The access token fits in no header');
  const result = new Headers(headers);
  result.set(name, value);
  return result;
}

function isStream(body: RequestInit['body']): boolean {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

async function discard(answer: Response): Promise<void> {
  await answer.body?.cancel().catch(() => undefined);
}
