import type { ConnectionOptions } from '@temporalio/client';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];

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
