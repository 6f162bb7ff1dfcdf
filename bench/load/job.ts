/** What the load generator is asked to do first: connect, and send for a while. */
export interface WarmUp {
  /** Where webhooks are posted to: `http://127.0.0.1:3000/webhooks/int_…` */
  url: string;
  /** `whsec_…` */
  secret: string;
  /** What each answer has to say. */
  outcome: string;
  connections: number;
  seconds: number;
}

/** What it is asked to do then, on the same connections; these are closed afterwards. */
export interface Load {
  seconds: number;
}

/** What came of either. */
export interface LoadResult {
  /** Answers of 202. */
  accepted: number;
  /** Answers of 202 a second. */
  rate: number;
  p50Ms: number;
  p99Ms: number;
  /** How much of one core the generator used, from 0 to 1: near 1 it is what was measured. */
  generatorLoad: number;
}
