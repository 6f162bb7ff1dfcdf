import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ConnectionOptions,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];

/**
 * The client's own retries, with an end. Its retry timer calls a channel that was closed meanwhile, which
 * throws where nobody catches: a process that ends while Temporal is away would crash.
 */
export function createClientRetries() {
  const usual = defaultGrpcRetryOptions();
  let stopped = false;
  /** Calls that are still to be made: first tries that begin, and retries whose timer runs. */
  let due = 0;

  const retry = makeGrpcRetryInterceptor({
    retryableDecider: (attempt, status) => !stopped && usual.retryableDecider(attempt, status),
    delayFunction: (attempt, status) => {
      due++;
      return usual.delayFunction(attempt, status);
    },
  });
  const interceptor: Interceptor = (options, nextCall) => {
    due++;
    return retry(options, (again) => {
      due--;
      return nextCall(again);
    });
  };

  return {
    interceptor,
    /** From now on nothing is tried again; waits for the retries whose timer runs, 6 s at most. */
    async stop(): Promise<void> {
      stopped = true;
      while (due > 0) await sleep(20);
    },
  };
}
