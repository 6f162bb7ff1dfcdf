import type { Provider } from '../providers/provider';

/**
 * Whether an answer of the provider's API says that the access token is not good: 401 (RFC 6750 section
 * 3.1), or what the provider declares beside it.
 *
 * @param body as text; only looked at where the provider declares `refusedErrors`
 */
export function isTokenRejected(
  { refusedErrors = [] }: Pick<Provider, 'refusedErrors'>,
  status: number,
  body: string,
): boolean {
  if (status === 401) return true;
  if (refusedErrors.length === 0) return false;
  const error = errorIn(body);
  return error !== undefined && refusedErrors.map(String).includes(error);
}

function errorIn(body: string): string | undefined {
  try {
    const json: unknown = JSON.parse(body);
    if (typeof json !== 'object' || json === null || !('error' in json)) return undefined;
    return typeof json.error === 'string' ? json.error : undefined;
  } catch {
    return undefined;
  }
}
