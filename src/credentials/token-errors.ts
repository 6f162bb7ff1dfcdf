import type { DeathCode } from '../../workflows/contract/status';

/** `ctx.fetch` could not use the token; the drain is told, whether the handler catches it or not. */
export type TokenError = CredentialDeadError | RefreshUnavailableError;

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
    { code, retryAt, version }: { code: string; retryAt?: string; version?: number },
    options?: { cause: unknown },
  ) {
    const what =
      code === 'access_refused' ? 'is refused by the provider' : 'can not be refreshed now';
    super(`The credential "${credential}" ${what}: ${code}`, options);
    this.code = code;
    this.retryAt = retryAt ?? null;
    this.version = version ?? null;
  }
}
