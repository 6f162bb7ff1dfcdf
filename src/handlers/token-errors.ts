import type { DeathCode } from '../../workflows/contract';

/** `ctx.fetch` could not use the token; the drain is told, whether the handler catches it or not. */
export type TokenError = CredentialDeadError | AccessRefusedError | RefreshUnavailableError;

/** The credential is dead: a person has to reconnect. */
export class CredentialDeadError extends Error {
  override readonly name = 'CredentialDeadError';
  constructor(
    readonly credential: string,
    readonly version: number,
    readonly code: DeathCode,
  ) {
    super(`The credential "${credential}" is dead: ${code}`);
  }
}

/** The provider's API answered 401 to a fresh token as well. */
export class AccessRefusedError extends Error {
  override readonly name = 'AccessRefusedError';
  constructor(
    readonly credential: string,
    readonly version: number,
  ) {
    super(`The provider refuses the credential "${credential}" even after a refresh`);
  }
}

/** There is no usable token now, and it isn't known to be dead. */
export class RefreshUnavailableError extends Error {
  override readonly name = 'RefreshUnavailableError';
  /** @param retryAt RFC 3339; null where it isn't known */
  constructor(
    readonly credential: string,
    readonly code: string,
    readonly retryAt: string | null,
    options?: { cause: unknown },
  ) {
    super(`The credential "${credential}" can not be refreshed now: ${code}`, options);
  }
}
