import type { Connection } from '@temporalio/client';

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
