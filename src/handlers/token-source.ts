import type { RefreshAnswer } from '../../workflows/contract';
import { CredentialDeadError, RefreshUnavailableError } from './token-errors';

/** A token that may be used, or why there is none. */
export type TokenAnswer =
  | { kind: 'alive'; accessToken: string; version: number }
  | Exclude<RefreshAnswer, { kind: 'alive' }>;

type LiveToken = Extract<TokenAnswer, { kind: 'alive' }>;

/** Where the tokens of an integration come from. */
export interface TokenSource {
  /** The current token, refreshed first where it is about to expire. */
  token(credential: string): Promise<TokenAnswer>;
  /**
   * The provider's API refused that version.
   * @returns a newer one, or the same where nothing newer is to be had without burning a rotation
   */
  refused(credential: string, version: number): Promise<TokenAnswer>;
}

/** @throws CredentialDeadError, RefreshUnavailableError where there is none, a failing source included */
export async function liveToken(
  credential: string,
  ask: () => Promise<TokenAnswer>,
): Promise<LiveToken> {
  let answer: TokenAnswer;
  try {
    answer = await ask();
  } catch (cause) {
    throw new RefreshUnavailableError(credential, 'unavailable', null, { cause });
  }
  switch (answer.kind) {
    case 'alive':
      return answer;
    case 'dead':
      throw new CredentialDeadError(credential, answer.version, answer.code);
    case 'unavailable':
      throw new RefreshUnavailableError(credential, answer.code, answer.retryAt);
  }
}
