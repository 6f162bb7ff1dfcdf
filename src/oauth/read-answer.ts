import { parseExact } from '../lib/exact-json';
import type { HttpResult } from '../lib/http/send-once';
import { readFirst } from '../lib/json-pointer';
import { errorsOf, type Pointers, type Provider } from '../providers/provider';
import { toErrorCode } from '../providers/error-code';
import { commonTable } from './refresh-error-table';

/** A provider's answer, read for what it is: its content type may say anything. */
export interface Answer {
  /** HTTP. */
  status: number;
  /** JSON, or a form as an object of texts; undefined where it is neither. Holds secrets. */
  document: unknown;
  /** The whole body where it is short. Foreign: compared, never shown. */
  text?: string;
}

const shortText = 64;

export function readAnswer(status: number, body: Buffer | string): Answer {
  const text = body
    .toString()
    .replace(/^\ufeff/, '')
    .trim();
  return {
    status,
    document: parseJson(text) ?? parseForm(text),
    ...(text.length <= shortText ? { text } : {}),
  };
}

function parseJson(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}

/** A form (RFC 6749 appendix B) that is one for certain: a page may hold `=` and `&` as well. */
function parseForm(text: string): Record<string, string> | undefined {
  if (!/^[\w.~%+-]+=[^\s<>"{}]*$/.test(text)) return undefined;
  const form = Object.fromEntries(new URLSearchParams(text));
  return 'access_token' in form || 'error' in form ? form : undefined;
}

/**
 * The words that an answer says its error in, the most telling first: `error`, what the declaration points at, the code
 * and the type of a nested error, the first of a list of errors. Foreign text: compared, never shown.
 */
export function errorWords(answer: Answer, errorPointer: Pointers = []): string[] {
  const { status, document } = answer;
  const { error, errors } = asObject(document);
  const { code, type } = asObject(error);
  const found = [error, readFirst(document, errorPointer), code, type, firstOf(errors)];
  return found.flatMap((word) => {
    if (typeof word !== 'string' && typeof word !== 'number') return [];
    const said = String(word);
    // 0 is no error, and a repeated HTTP status says nothing (Google: `{"error":{"code":403}}`).
    return ['', '0', String(status)].includes(said) ? [] : [said];
  });
}

/** Strava: `{"resource":"RefreshToken","field":"refresh_token","code":"invalid"}`; the code alone says too little. */
function firstOf(errors: unknown): string | undefined {
  const { resource, field, code } = asObject(Array.isArray(errors) ? errors[0] : undefined);
  if (typeof code !== 'string') return undefined;
  return [resource, field, code].filter((part) => typeof part === 'string').join('.');
}

/** Whether the body says that it failed, in whatever words. */
function saysError({ document }: Answer): boolean {
  const { ok, error, errors } = asObject(document);
  return ok === false || Boolean(error) || (Array.isArray(errors) && errors.length > 0);
}

/** What was seen of one attempt to refresh. Holds no secret. */
export type RefreshObservation =
  | {
      kind: 'answered';
      status: number;
      /** The error in the body, whatever the status; absent where none was readable. */
      error?: string;
      /** The body says that it failed, in words that are no code. */
      saysError?: true;
      /** From `Retry-After`. */
      retryAfterMs?: number;
    }
  | { kind: 'failed'; code: string; sent: boolean };

/** What of a declaration says how its errors are told. */
type ErrorHabits = Pick<Provider, 'refreshErrors' | 'refusedErrors'> & {
  oauth?: Pick<NonNullable<Provider['oauth']>, 'errorPointer'> | undefined;
};

export function observe(result: HttpResult, habits: ErrorHabits): RefreshObservation {
  if (result.kind === 'failed') return result;
  const { status, retryAfterMs, body } = result;
  const answer = readAnswer(status, body);
  const bare = bareError(answer, habits);
  const words = errorWords(answer, habits.oauth?.errorPointer);
  const error = [...words, ...(bare === undefined ? [] : [bare])]
    .map(toErrorCode)
    .find((code) => code !== undefined);
  return {
    kind: 'answered',
    status,
    ...(error === undefined ? {} : { error }),
    ...(error === undefined && saysError(answer) ? { saysError: true } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** A body that is nothing but a known error: any other may be what was sent, echoed. */
function bareError(
  { status, text }: Answer,
  { refreshErrors = [], refusedErrors = [] }: ErrorHabits,
): string | undefined {
  if (status < 400 || text === undefined) return undefined;
  const declared = [...refreshErrors.flatMap(errorsOf), ...refusedErrors.map(String)];
  return bareWords.has(text) || declared.includes(text) ? text : undefined;
}

/** RFC 7009 section 2.2.1, and what Google says of a token that it doesn't know. */
const revocationErrors = ['unsupported_token_type', 'invalid_token'];

const bareWords: ReadonlySet<string> = new Set(
  [...commonTable.flatMap(({ errors = [] }) => errors), ...revocationErrors].filter((word) =>
    word.includes('_'),
  ),
);

export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : {};
}
