/** How some work ended; `running` is work that goes on after it was told to stop. */
export type Settled = { kind: 'done' } | { kind: 'threw'; error: unknown } | { kind: 'running' };

/**
 * Waits for work, but once the signal aborts no longer than the grace. Never rejects; what becomes
 * of work that was left behind is nobody's business any more, its error included.
 */
export async function settle(
  work: () => unknown,
  signal: AbortSignal,
  graceMs: number,
): Promise<Settled> {
  const ended = Promise.resolve()
    .then(work)
    .then<Settled, Settled>(
      () => ({ kind: 'done' }),
      (error: unknown) => ({ kind: 'threw', error }),
    );
  let timer: NodeJS.Timeout | undefined;
  let giveUp: () => void = () => undefined;
  const left = new Promise<Settled>((resolve) => {
    giveUp = () => {
      timer = setTimeout(() => resolve({ kind: 'running' }), graceMs);
    };
  });
  if (signal.aborted) giveUp();
  else signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([ended, left]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}
