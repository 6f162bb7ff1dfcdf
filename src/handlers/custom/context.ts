import type { GuardedDispatcher } from '../../lib/http/guarded';
import type { HandlerLog } from '../../lib/log';
import { createAuthorizedFetch } from '../../credentials/authorized-fetch';
import type { DeclaredRejections } from '../../credentials/rejected-token-response';
import type { CredentialInfo, HandlerContext } from '../../handler-api';
import type { TokenError, TokenSource } from '../../credentials/token-source';

export interface ContextParts extends DeclaredRejections {
  credentials: readonly CredentialInfo[];
  tokens: TokenSource;
  /** Where `ctx.fetch` may send a token. */
  origins: (credential: string) => readonly string[];
  /** What `ctx.fetch` connects by. */
  dispatcher: GuardedDispatcher;
  /** The declaration's. */
  tokenHeader?: string | undefined;
  /** Whether the attempt's lease has ended: then nothing is sent any more. */
  isOver?: (() => boolean) | undefined;
  log: HandlerLog;
  /** The global one by default. */
  fetch?: typeof fetch;
}

interface ContextSignals {
  /** The handler's own. */
  signal: AbortSignal;
  /** Ends what `ctx.fetch` has in flight; a hold doesn't, so that the delivery can be finished. */
  sending: AbortSignal;
}

/** What a handler gets beside its delivery. */
export function createContext(
  { credentials, log, fetch, ...parts }: ContextParts,
  { signal, sending }: ContextSignals,
  onTokenError: (error: TokenError) => void,
): HandlerContext {
  const credential = (name = 'main'): CredentialInfo => {
    const found = credentials.find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`The integration has no credential "${name}"`);
    return found;
  };
  const authorizedFetch = createAuthorizedFetch({
    ...parts,
    signal: sending,
    onTokenError,
    ...(fetch === undefined ? {} : { fetch }),
  });
  return {
    signal,
    log: log.child({ event: 'handler.log' }),
    credential,
    fetch: async (input, init) => {
      credential(init?.credential);
      return authorizedFetch(input, init);
    },
  };
}
