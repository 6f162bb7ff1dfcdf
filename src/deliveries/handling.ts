/** How an integration's deliveries are handled. */
export interface Handling {
  /** `strict`: in the order of their receipt, one at a time. `none`: several at once, in no order. */
  order: 'strict' | 'none';
  /** How many at once, where there is no order. */
  concurrency: number;
  /** How often a delivery is tried before it is dead-lettered. */
  maxAttempts: number;
  /** How long it may go on failing, from its first attempt: the attempts and the backoff between them. */
  giveUpAfterSeconds: number;
}

/** What becomes of a forward whose token has ended and can't be renewed now: it waits for it, or is sent all the same. */
export type WhenTokenUnavailable = 'wait' | 'send';

export const defaultHandling: Handling = {
  order: 'strict',
  concurrency: 5,
  maxAttempts: 8,
  giveUpAfterSeconds: 3600,
};
