import { Context } from '@temporalio/activity';

const everyMs = 2_000;

/** Heartbeats while the work runs, so that a lost worker is noticed long before the work's time limit. */
export async function heartbeating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
