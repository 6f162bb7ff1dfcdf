import type { RefreshAnswer } from '../../workflows/contract/messages';
import { CredentialDeadError, RefreshUnavailableError } from './token-errors';

/** A token that may be used, or why there is none. */
export type TokenAnswer =
  | {
      kind: 'alive';
      accessToken: string;
      version: number;
      /** The API has been refusing the credential lately: a success is worth telling. */
      refusedBefore?: boolean;
    }
  | Exclude<RefreshAnswer, { kind: 'alive' }>;

export type LiveToken = Extract<TokenAnswer, { kind: 'alive' }>;

/** Where the tokens of an integration come from. */
export interface TokenSource {
  /** The current token, refreshed first where it is about to expire. */
  token(credential: string): Promise<TokenAnswer>;
  /**
   * The provider's API refused that version.
   * @returns a newer one, or why there is none: `access_refused` where another one would be refused too
   */
  refused(credential: string, version: number): Promise<TokenAnswer>;
  /** The provider's API took that version, after it had been refusing the credential. Never rejects. */
  accepted(credential: string, version: number): Promise<void>;
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
    throw new RefreshUnavailableError(credential, { code: 'unavailable' }, { cause });
  }
  switch (answer.kind) {
    case 'alive':
      return answer;
    case 'dead':
      throw new CredentialDeadError(credential, answer.version, answer.code);
    case 'unavailable':
      throw new RefreshUnavailableError(credential, answer);
  }
}
