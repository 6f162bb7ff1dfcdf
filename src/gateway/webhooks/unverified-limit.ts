import { HoldfastError } from '../../lib/errors';
import { perSecond } from '../../lib/rate-limit';

/** Rejections that one source address gets a good answer for, each second. */
const rejectionsPerSecond = 100;

/**
 * What those get who prove nothing. It comes after the check: a sender behind the same proxy, whose webhooks
 * are genuine, must not notice a flood of others that aren't.
 */
export interface UnverifiedLimit {
  /** @throws HoldfastError `rate_limited` once an address has had its share of rejections */
  count(sourceAddress: string): void;
}

export function createUnverifiedLimit(): UnverifiedLimit {
  const limit = perSecond(rejectionsPerSecond);
  return {
    count: (sourceAddress) => {
      if (limit.take(sourceAddress)) return;
      const message = 'Too many requests from this address were refused. Send them again later.';
      throw new HoldfastError('rate_limited', message, { retryAfterSeconds: 1 });
    },
  };
}
