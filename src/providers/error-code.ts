/** The sentences that vendors use for a code: Zoho's rate limit. */
const sentences: Readonly<Record<string, string>> = { 'Access Denied': 'access_denied' };

/** A word as it may be shown: a code, a number, or a sentence that is known. */
export function toErrorCode(word: string): string | undefined {
  if (isErrorCode(word) || /^-?\d{1,10}$/.test(word)) return word;
  return Object.hasOwn(sentences, word) ? sentences[word] : undefined;
}

/** Codes end up in logs and pages: nothing else that a body may hold passes for one. */
export function isErrorCode(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(value);
}
