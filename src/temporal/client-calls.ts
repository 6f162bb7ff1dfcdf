import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Connection,
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

type Contexts = Connection['callContextStorage'];
type Context = Parameters<Contexts['run']>[0];

/** From this version on AsyncLocalStorage costs nothing where it isn't used. */
const firstWithoutHooks = 24;

/**
 * Keeps a process from paying for Temporal's call contexts while no call is being made. The client keeps deadlines
 * and metadata in an AsyncLocalStorage, and up to Node 22 the first use of one makes every promise and every callback of
 * the process slower from then on: a gateway takes a fifth fewer webhooks.
 *
 * A context with a deadline or an abort signal is kept until its call has ended. One with metadata alone, which the
 * client makes for each call, is needed while the call is being sent, which is at once.
 */
export function releaseCallContexts(
  contexts: Contexts,
  nodeVersion: string = process.versions.node,
): void {
  if (parseInt(nodeVersion, 10) >= firstWithoutHooks) return;
  const run = contexts.run.bind(contexts);
  let open = 0;
  const close = () => {
    if (--open === 0) contexts.disable();
  };
  const releasing = (context: Context, callback: () => unknown): unknown => {
    open++;
    let result: unknown;
    try {
      result = run(context, callback);
      return result;
    } finally {
      const lasts = context.deadline !== undefined || context.abortSignal !== undefined;
      if (lasts && result instanceof Promise) void result.then(close, close);
      else close();
    }
  };
  Object.assign(contexts, { run: releasing });
}

/** Milliseconds a signal may take to be accepted; Temporal's client tries again within them. */
const signalTimeoutMs = 5_000;
const signal = '/temporal.api.workflowservice.v1.WorkflowService/SignalWithStartWorkflowExecution';

/** Gives signals a deadline without `withDeadline`, whose context would last as long as the call. */
export const withSignalDeadline =
  (next: Interceptor): Interceptor =>
  (options, nextCall) =>
    options.method_definition.path === signal && options.deadline === undefined
      ? next({ ...options, deadline: Date.now() + signalTimeoutMs }, nextCall)
      : next(options, nextCall);
