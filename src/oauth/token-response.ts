import { readPointer } from '../lib/json-pointer';

/** A token endpoint's answer, read for what it is rather than for its status. */
export type TokenEndpointReading =
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
export function readTokenAnswer(
  status: number,
  body: Buffer,
  errorPointer?: string,
): TokenEndpointReading {
  const json = parseObject(body);
  if (json === undefined) return { kind: 'unreadable' };
  const succeeded = status >= 200 && status < 300 && json['ok'] !== false;
  if (succeeded && isText(json['access_token'])) return { kind: 'tokens', answer: clean(json) };
  const elsewhere = errorPointer === undefined ? undefined : readPointer(json, errorPointer);
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
