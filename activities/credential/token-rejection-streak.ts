import { streakGapMs } from '../../src/credentials/policy';
import type { RefreshableCredential } from '../../src/db/queries/credentials/row';
import { backoffMs } from '../../workflows/rules';

const minute = 60_000;
/** A streak that lasts this long is for a person to end, unless it is a few token rejections far apart. */
const streakLimitMs = 60 * minute;
const fewestRejections = 4;
const growth = { firstMs: 30_000, longestMs: 20 * minute, jitter: 0.2 };

type Streak = Pick<RefreshableCredential, 'refusals' | 'rejectedForMs' | 'lastRejectedMs'>;

/** Whether the API has been refusing what it is shown, lately and without a success between. */
export function isInStreak({ rejectedForMs, lastRejectedMs }: Streak): boolean {
  return rejectedForMs !== null && lastRejectedMs !== null && lastRejectedMs < streakGapMs;
}

export type RejectionPlan =
  /** Tried again after a growing delay, and in the moment when the streak becomes too long. */
  { kind: 'wait'; isFirst: boolean; delayMs: number } | { kind: 'over' };

/**
 * What a token rejection means that no refresh helps against.
 *
 * @param random from 0 to 1
 */
export function rejectionPlan(row: Streak, random: number): RejectionPlan {
  const goesOn = isInStreak(row);
  const lasted = goesOn ? (row.rejectedForMs ?? 0) : 0;
  if (lasted >= streakLimitMs && row.refusals >= fewestRejections) return { kind: 'over' };
  const jittered = backoffMs(growth, goesOn ? row.refusals : 0, random);
  const delayMs = Math.max(
    1_000,
    Math.min(jittered, lasted < streakLimitMs ? streakLimitMs - lasted : jittered),
  );
  return { kind: 'wait', isFirst: !goesOn, delayMs };
}
