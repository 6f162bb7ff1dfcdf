import type { Provider } from '../providers/provider';
import { type Answer, errorWords } from './read-answer';

/** What of a declaration says how its API rejects a token. */
export interface RejectionHabits extends Pick<Provider, 'refusedErrors'> {
  oauth?: Pick<NonNullable<Provider['oauth']>, 'errorPointer'> | undefined;
}

/**
 * Whether an answer of the provider's API says that the access token is not good: 401 (RFC 6750 section
 * 3.1), or what the provider declares beside it, as an error or as the whole of a short body.
 */
export function isTokenRejected(
  { refusedErrors = [], oauth }: RejectionHabits,
  answer: Answer,
): boolean {
  if (answer.status === 401) return true;
  const said = [...errorWords(answer, oauth?.errorPointer), answer.text];
  return refusedErrors.some((error) => said.includes(String(error)));
}
