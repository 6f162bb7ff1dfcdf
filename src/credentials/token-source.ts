import type { RefreshAnswer } from '../../workflows/contract/messages';
import type { DeathCode } from '../../workflows/contract/status';
import { PermanentError } from '../lib/errors';

/** `ctx.fetch` could not use the token; the drain is told, whether the handler catches it or not. */
export type TokenError = CredentialDeadError | RefreshUnavailableError;

/** The credential is dead: a person has to reconnect. */
class CredentialDeadError extends Error {
  override readonly name = 'CredentialDeadError';
  constructor(
    readonly credential: string,
    readonly version: number,
    readonly code: DeathCode,
  ) {
    super(`The credential "${credential}" is dead: ${code}`);
  }
}

/** There is no usable token now, and it isn't known to be dead. */
export class RefreshUnavailableError extends Error {
  override readonly name = 'RefreshUnavailableError';
  /** Why; `access_refused` where the provider's API refuses a fresh token too. */
  readonly code: string;
  /** RFC 3339; null where it isn't known. */
  readonly retryAt: string | null;
  /** What has to be outdated before it is worth another try; null where it isn't known. */
  readonly version: number | null;
  constructor(
    readonly credential: string,
    { code, retryAt, version, cause }: Omit<Unavailable, 'kind'>,
  ) {
    const what =
      code === 'access_refused' ? 'is refused by the provider' : 'can not be refreshed now';
    super(`The credential "${credential}" ${what}: ${code}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.retryAt = retryAt ?? null;
    this.version = version ?? null;
  }
}

interface Unavailable {
  kind: 'unavailable';
  code: string;
  /** Absent where nobody knows: what was to be asked could not be. */
  version?: number;
  /** RFC 3339. */
  retryAt?: string;
  cause?: unknown;
}

/** Why there is no token that may be used. */
export type NoToken = Extract<RefreshAnswer, { kind: 'dead' }> | Unavailable;

/** A token that may be used, or why there is none. */
export type TokenAnswer =
  | {
      kind: 'alive';
      accessToken: string;
      version: number;
      /** The API has been refusing the credential lately: a success is worth telling. */
      rejectedBefore?: boolean;
    }
  | NoToken;

export type LiveToken = Extract<TokenAnswer, { kind: 'alive' }>;

/**
 * Where the tokens of an integration come from. A `signal` ends the wait for a refresh, and for nothing else: a token that comes too
 * late for an attempt is none, and the handler, which can't end that wait, is not to blame for it.
 */
export interface TokenSource {
  /** The current token, refreshed first where it is about to expire. */
  token(credential: string, signal?: AbortSignal): Promise<TokenAnswer>;
  /**
   * The provider's API refused that version.
   * @returns a newer one, or why there is none: `access_refused` where another one would be refused too
   */
  refused(credential: string, version: number, signal?: AbortSignal): Promise<TokenAnswer>;
  /** The provider's API took that version, after it had been refusing the credential. Never rejects. */
  accepted(credential: string, version: number): Promise<void>;
}

/**
 * @throws CredentialDeadError, RefreshUnavailableError where there is none, a failing source included
 * @throws PermanentError where there never is one
 */
export async function liveToken(
  credential: string,
  ask: () => Promise<TokenAnswer>,
): Promise<LiveToken> {
  let answer: TokenAnswer;
  try {
    answer = await ask();
  } catch (cause) {
    if (cause instanceof PermanentError) throw cause;
    throw new RefreshUnavailableError(credential, { code: 'unavailable', cause });
  }
  switch (answer.kind) {
    case 'alive':
      return answer;
    case 'dead':
      throw new CredentialDeadError(credential, answer.version, answer.code);
    case 'unavailable':
      throw new RefreshUnavailableError(credential, answer);
  }
}
