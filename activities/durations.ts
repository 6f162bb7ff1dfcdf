import { retryDelaysMs } from '../src/deliveries/policy';

/** How long the activities wait, where a test has to wait less. */
export interface Durations {
  /** Before a delivery's second attempt, the third, … and the last one for as long as it goes on. */
  retryDelaysMs: readonly number[];
  /** So long an attempt has a refresh token to itself. */
  presentingMs: number;
}

export const durations: Durations = { retryDelaysMs, presentingMs: 20_000 };
