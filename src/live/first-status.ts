import { HoldfastError } from '../lib/errors';

/** Those who wait for somebody's first status. */
export interface FirstStatuses {
  /** @throws HoldfastError `database_unavailable` where it takes too long */
  wait(userId: string): Promise<void>;
  known(userId: string): void;
  /** Refuses all who wait. */
  close(): void;
}

interface Waiter {
  resolve: () => void;
  reject: () => void;
}

export function createFirstStatuses(patienceMs: number): FirstStatuses {
  const waiters = new Map<string, Set<Waiter>>();
  const refusal = () =>
    new HoldfastError('database_unavailable', 'The status can not be read at the moment.', {
      retryAfterSeconds: 2,
    });
  return {
    wait: (userId) =>
      new Promise((resolve, reject) => {
        const own = waiters.get(userId) ?? new Set();
        waiters.set(userId, own);
        const leave = () => {
          clearTimeout(timer);
          own.delete(waiter);
          if (own.size === 0 && waiters.get(userId) === own) waiters.delete(userId);
        };
        const waiter: Waiter = {
          resolve: () => {
            leave();
            resolve();
          },
          reject: () => {
            leave();
            reject(refusal());
          },
        };
        const timer = setTimeout(waiter.reject, patienceMs);
        own.add(waiter);
      }),
    known: (userId) => {
      for (const { resolve } of waiters.get(userId) ?? []) resolve();
    },
    close: () => {
      for (const own of waiters.values()) for (const { reject } of own) reject();
    },
  };
}
