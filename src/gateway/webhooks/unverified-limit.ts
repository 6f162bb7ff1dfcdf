import { HoldfastError } from '../../lib/errors';
import { perSecond } from '../../lib/rate-limit';
import type { Sender } from '../http/sender';

/** Rejections that one source gets a good answer for, each second. */
const rejectionsPerSecond = 100;

/**
 * What those get who prove nothing. It comes after the check: a sender behind the same proxy, whose webhooks
 * are genuine, must not notice a flood of others that aren't.
 */
export interface UnverifiedLimit {
  /** @throws HoldfastError `rate_limited` once a source has had its share of rejections */
  count(sender: Sender): void;
}

export function createUnverifiedLimit(): UnverifiedLimit {
  const limit = perSecond(rejectionsPerSecond);
  return {
    count: ({ key }) => {
      if (limit.take(key)) return;
      const message = 'Too many requests from this address were refused. Send them again later.';
      throw new HoldfastError('rate_limited', message, { retryAfterSeconds: 1 });
    },
  };
}
