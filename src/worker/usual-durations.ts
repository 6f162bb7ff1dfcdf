import type { Durations } from '../../activities';
import { usualPresentingMs } from '../../activities/credential/present-refresh-token';
import { usualComparePauseMs } from '../../activities/sweep/compare';
import { trialPauseMs } from '../credentials/policy';
import { failingNoticeMs, retryDelaysMs } from '../deliveries/policy';

/** How long activities wait, where no test says otherwise. */
export const usualDurations: Durations = {
  ...{ retryDelaysMs, presentingMs: usualPresentingMs, trialPauseMs, failingNoticeMs },
  comparePauseMs: usualComparePauseMs,
};
