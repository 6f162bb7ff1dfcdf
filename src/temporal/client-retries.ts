import { setTimeout as sleep } from 'node:timers/promises';
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';

/**
 * The client's own retries, with an end. Its retry timer calls a channel that was closed meanwhile, which
 * throws where nobody catches: a process that ends while Temporal is away would crash.
 */
export function createClientRetries() {
  const usual = defaultGrpcRetryOptions();
  let stopped = false;
  let lastRetryAt = 0;

  return {
    interceptor: makeGrpcRetryInterceptor({
      retryableDecider: (attempt, status) => !stopped && usual.retryableDecider(attempt, status),
      delayFunction: (attempt, status) => {
        const delayMs = usual.delayFunction(attempt, status);
        lastRetryAt = Math.max(lastRetryAt, Date.now() + delayMs);
        return delayMs;
      },
    }),
    /** From now on nothing is tried again; waits for the retries that are already due. */
    async stop(): Promise<void> {
      stopped = true;
      const leftMs = lastRetryAt - Date.now();
      if (leftMs > 0) await sleep(leftMs + 10);
    },
  };
}
