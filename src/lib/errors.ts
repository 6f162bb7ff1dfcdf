/** Every code that Holdfast answers with, and the HTTP status that goes with it. */
export const errorStatuses = {
  invalid_request: 400,
  invalid_json: 400,
  unsupported_media_type: 415,
  unauthorized: 401,
  invalid_signature: 401,
  no_secret: 401,
  account_conflict: 401,
  forbidden: 403,
  insufficient_scope: 403,
  not_found: 404,
  unknown_provider: 404,
  integration_not_found: 404,
  credential_not_found: 404,
  delivery_not_found: 404,
  session_not_found: 404,
  secret_not_found: 404,
  replay_not_found: 404,
  key_not_found: 404,
  request_timeout: 408,
  name_taken: 409,
  credential_dead: 409,
  account_mismatch: 409,
  parameters_mismatch: 409,
  confirmation_expired: 409,
  credential_external: 409,
  integration_disabled: 409,
  delivery_expired: 409,
  idempotency_conflict: 409,
  held_by_environment: 409,
  body_too_large: 413,
  tokens_rejected: 422,
  headers_too_large: 431,
  rate_limited: 429,
  inbox_full: 429,
  too_many_streams: 429,
  internal: 500,
  overloaded: 503,
  database_unavailable: 503,
  temporal_unavailable: 503,
  refresh_unavailable: 503,
  sealing_key_unavailable: 503,
  sender_keys_unavailable: 503,
  loop_detected: 508,
} as const;

export type ErrorCode = keyof typeof errorStatuses;

export interface HoldfastErrorOptions {
  cause?: unknown;
  /** Overrides the code's usual HTTP status (`credential_dead` is 424 where a token was asked for). */
  status?: number;
  /** Seconds, for `Retry-After`. */
  retryAfterSeconds?: number;
}

/** An error that a caller can act on: a stable code and a sentence that says what to do. */
export class HoldfastError extends Error {
  override readonly name = 'HoldfastError';
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: HoldfastErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.status = options.status ?? errorStatuses[code];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Thrown by a handler: the delivery is dead-lettered at once instead of being tried again. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
}

/** Why `fetch` has no answer: its own error says no more than that. @param error what it was rejected with */
export function fetchFailure(error: unknown): string {
  const { cause = error } = error as { cause?: unknown };
  // Of several addresses each has failed in a way of its own, and the whole has no words.
  const { errors, code } = cause as { errors?: unknown[]; code?: unknown };
  return messageOf(cause).trim() || messageOf(errors?.[0] ?? code).trim();
}

/** The message of anything that was thrown; never its stack, its cause or its properties. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
