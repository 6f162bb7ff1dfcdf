/** What the load generator is asked to do. */
export interface LoadJob {
  /** Where webhooks are posted to: `http://127.0.0.1:3000/webhooks/int_…` */
  url: string;
  /** `whsec_…` */
  secret: string;
  /** What each answer has to say. */
  outcome: string;
  connections: number;
  warmUpSeconds: number;
  seconds: number;
}

/** What came of it. Only what was sent after the warm-up counts for the rate and the times. */
export interface LoadResult {
  /** Answers of 202 in all, also during the warm-up. */
  accepted: number;
  /** Answers of 202 a second. */
  rate: number;
  p50Ms: number;
  p99Ms: number;
  /** How much of one core the generator used, from 0 to 1: near 1 it is what was measured. */
  generatorLoad: number;
}
