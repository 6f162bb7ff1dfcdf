import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/** Heartbeats in the time after which a worker that sends none counts as lost. */
const perTimeout = 5;

/**
 * Heartbeats while an activity runs that has a heartbeat timeout, so that a lost worker is noticed long before the
 * activity's own time limit. By an interceptor, so that no activity can forget it.
 */
export const heartbeats: ActivityInterceptorsFactory = (context) => {
  const timeoutMs = context.info.heartbeatTimeoutMs ?? 0;
  if (timeoutMs === 0) return {};
  return {
    inbound: {
      execute: async (input, next) => {
        const timer = setInterval(() => context.heartbeat(), timeoutMs / perTimeout);
        try {
          return await next(input);
        } finally {
          clearInterval(timer);
        }
      },
    },
  };
};
