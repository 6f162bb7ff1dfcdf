import { type AskOptions, askWithToken } from './bearer-request';
import { storedText } from '../lib/storable-text';
import { readFirst, readPointer } from '../lib/json-pointer';
import type { TokenSet } from './token-set';
import { readAnswer } from './read-answer';
import type { AccountSource, Pointers, Provider } from '../providers/provider';

/** What a token endpoint answered. */
interface TokenAnswer {
  tokens: TokenSet;
  /** Of the whole answer. */
  answer: unknown;
}

export type AccountResult =
  /** Both null where the provider declares no account. */
  | { kind: 'account'; id: string | null; label: string | null }
  /** Passes by itself. */
  | { kind: 'unavailable'; code: string; retryAfterMs?: number }
  /** The provider answered, and there is no account in what it said. */
  | { kind: 'unreadable'; code: string };

/**
 * Whose account the new tokens are for.
 * @throws HoldfastError `invalid_request` where a parameter is missing or doesn't match
 */
export async function readAccount(
  provider: Provider,
  exchanged: TokenAnswer,
  options: AskOptions,
): Promise<AccountResult> {
  const source = provider.oauth?.account;
  if (source === undefined) return { kind: 'account', id: null, label: null };
  if ('url' in source) return await askAccount(provider, source, exchanged, options);
  const { tokens, answer } = exchanged;
  if ('parameter' in source) return account(options.parameters?.[source.parameter], undefined);
  if ('idTokenClaim' in source) {
    return account(tokens.idTokenClaims?.[source.idTokenClaim], undefined);
  }
  return accountIn(answer, source.tokenResponsePointer, source.labelPointer);
}

async function askAccount(
  provider: Provider,
  source: Extract<AccountSource, { url: string }>,
  { tokens }: Pick<TokenAnswer, 'tokens'>,
  options: AskOptions,
): Promise<AccountResult> {
  const result = await askWithToken(provider, source.url, tokens.accessToken, options);
  if (result.kind === 'failed') return { kind: 'unavailable', code: result.code };
  const { status, retryAfterMs, body } = result;
  if (status === 429 || status >= 500) {
    const code = `http_${String(status)}`;
    return { kind: 'unavailable', code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  if (status !== 200) return { kind: 'unreadable', code: `http_${String(status)}` };
  const { document } = readAnswer(status, body);
  return accountIn(document, source.pointer, source.labelPointer);
}

/** The account that the whole answer of a token endpoint names; null where it names none, or isn't declared to. */
export function accountOfAnswer({ oauth }: Provider, answer: unknown): string | null {
  const source = oauth?.account;
  if (source === undefined || !('tokenResponsePointer' in source)) return null;
  return asText(readFirst(answer, source.tokenResponsePointer)) ?? null;
}

/** The account that the answer of the account's own address names. */
export function accountOfDocument({ oauth }: Provider, document: unknown): string | null {
  const source = oauth?.account;
  if (source === undefined || !('url' in source)) return null;
  return asText(readFirst(document, source.pointer)) ?? null;
}

function accountIn(document: unknown, pointers: Pointers, labelPointer?: string): AccountResult {
  const label = labelPointer === undefined ? undefined : readPointer(document, labelPointer);
  return account(readFirst(document, pointers), label);
}

function account(found: unknown, label: unknown): AccountResult {
  const id = asText(found);
  if (id === undefined) return { kind: 'unreadable', code: 'no_account' };
  return { kind: 'account', id, label: asText(label) ?? null };
}

const longest = 1_000;

/** A whole number that a double can't hold exactly has come as a text; one that hasn't may be another's, rounded. */
function asText(value: unknown): string | undefined {
  if (typeof value === 'string' && value !== '' && value.length <= longest) {
    return storedText(value, longest);
  }
  return Number.isSafeInteger(value) ? String(value) : undefined;
}
