import { type ErrorCode, HoldfastError } from '../../lib/errors';

const kinds = {
  int: { code: 'integration_not_found', what: 'integration' },
  dlv: { code: 'delivery_not_found', what: 'delivery' },
  rpl: { code: 'replay_not_found', what: 'replay' },
  ses: { code: 'session_not_found', what: 'session' },
  sec: { code: 'secret_not_found', what: 'secret' },
  key: { code: 'key_not_found', what: 'API key' },
} as const satisfies Record<string, { code: ErrorCode; what: string }>;

/** An error that says that there is no such thing. */
export function notFound(kind: keyof typeof kinds): HoldfastError {
  const { code, what } = kinds[kind];
  return new HoldfastError(code, `There is no ${what} with this id.`);
}

/** Whether it may be one: junk and NULs must never reach Postgres. */
export function looksLikeId(kind: keyof typeof kinds, id: string): boolean {
  return id.startsWith(`${kind}_`) && /^[A-Za-z0-9_]{1,64}$/.test(id);
}

/**
 * An id from a path, once it looks like one.
 * @throws HoldfastError the code of the thing that isn't there
 */
export function pathId(kind: keyof typeof kinds, id: string): string {
  if (!looksLikeId(kind, id)) throw notFound(kind);
  return id;
}
