/** What this provider was asked since it started. */
export interface Counts {
  exchanges: number;
  refreshes: number;
  /** Token requests answered with an error. */
  refused: number;
  /** Refresh tokens presented a second time. */
  reuses: number;
  revocations: number;
  apiCalls: number;
  /** API calls answered with 401. */
  apiRefusals: number;
}

export const newCounts = (): Counts => ({
  exchanges: 0,
  refreshes: 0,
  refused: 0,
  reuses: 0,
  revocations: 0,
  apiCalls: 0,
  apiRefusals: 0,
});
