import type { RefreshableCredential } from '../../src/db/queries/credentials/row';
import { backoffMs } from '../../workflows/rules';

const minute = 60_000;
/** A refusal that comes later than this after the last one begins a streak of its own. */
const streakGapMs = 45 * minute;
/** A streak that lasts this long is for a person to end, unless it is a few refusals far apart. */
const streakLimitMs = 60 * minute;
const fewestRefusals = 4;
const growth = { firstMs: 30_000, longestMs: 20 * minute, jitter: 0.2 };

type Streak = Pick<RefreshableCredential, 'refusals' | 'refusedForMs' | 'lastRefusedMs'>;

/** Whether the API has been refusing what it is shown, lately and without a success between. */
export function isInStreak({ refusedForMs, lastRefusedMs }: Streak): boolean {
  return refusedForMs !== null && lastRefusedMs !== null && lastRefusedMs < streakGapMs;
}

export type RefusalPlan =
  /** Tried again after a growing delay, and in the moment when the streak becomes too long. */
  { kind: 'wait'; isFirst: boolean; delayMs: number } | { kind: 'over' };

/**
 * What a refusal means that no refresh helps against.
 *
 * @param random from 0 to 1
 */
export function refusalPlan(row: Streak, random: number): RefusalPlan {
  const goesOn = isInStreak(row);
  const lasted = goesOn ? (row.refusedForMs ?? 0) : 0;
  if (lasted >= streakLimitMs && row.refusals >= fewestRefusals) return { kind: 'over' };
  const jittered = backoffMs(growth, goesOn ? row.refusals : 0, random);
  const delayMs = Math.max(
    1_000,
    Math.min(jittered, lasted < streakLimitMs ? streakLimitMs - lasted : jittered),
  );
  return { kind: 'wait', isFirst: !goesOn, delayMs };
}
