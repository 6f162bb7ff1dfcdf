import { rejectedTooLongMs } from '../../src/credentials/policy';
import type { RejectionFacts } from '../../src/db/queries/credentials/rejection-facts';
import { ownVerdict, type RefreshOutcome } from '../../src/oauth/refresh';
import {
  clientFaults,
  contestedFaults,
  passingStatuses,
} from '../../src/oauth/refresh-error-table';
import type { RefreshErrorRule } from '../../src/providers/provider';
import { deathCodes } from '../../workflows/contract/status';

/**
 * Whether a provider has rejected a refresh token by this answer, and not the client, and not for this moment only:
 * by a 4xx, or by an error in a 2xx.
 *
 * @param status undefined where no whole answer came
 */
export function isRejection(outcome: RefreshOutcome, status: number | undefined): boolean {
  if (status === undefined || outcome.kind === 'dead') return false;
  if (clientFaults.includes(outcome.code)) return false;
  if (isClientError(status)) return true;
  const isError = outcome.kind === 'app_fault' || !outcome.unanswered;
  return status >= 200 && status < 300 && isError;
}

const isClientError = (status: number): boolean =>
  status >= 400 && status < 500 && !passingStatuses.includes(status);

/**
 * What a rejection comes to beside what other credentials meet. A fault that may be the application's is about this
 * grant where the client was accepted for another one since. Unknown words are death where they were said for a day
 * after the access token's end, and the client was accepted for another one within the last day: a firewall's 403,
 * or a broken client, is said to everybody. What the provider's declaration has a word for is as it says.
 */
export function decideRejection(
  outcome: RefreshOutcome,
  { status, rules }: { status: number; rules: readonly RefreshErrorRule[] },
  { rejectedForMs, lastCode, endedForMs, witnessedMs }: RejectionFacts,
): RefreshOutcome {
  if (!isRejection(outcome, status) || outcome.kind === 'dead') return outcome;
  if (rejectedForMs === null || witnessedMs === null) return outcome;
  const { code } = outcome;
  if (ownVerdict(rules, status, code) !== undefined) return outcome;
  if (outcome.kind === 'app_fault') {
    // Between two of the same words: what was said before in other words may have been about everybody.
    const isAgain = contestedFaults.includes(code) && lastCode === code;
    const isWitnessed = isAgain && witnessedMs < rejectedForMs;
    return isWitnessed ? { kind: 'dead', code: deathCodeOf(code) } : outcome;
  }
  const lastedMs = Math.min(rejectedForMs, endedForMs ?? rejectedForMs);
  const isOver =
    isClientError(status) && lastedMs >= rejectedTooLongMs && witnessedMs <= rejectedTooLongMs;
  return isOver ? { kind: 'dead', code: 'refresh_rejected' } : outcome;
}

/** The provider's word, where it is one of Holdfast's too. */
const deathCodeOf = (code: string) =>
  deathCodes.find((known) => known === code) ?? 'refresh_rejected';
