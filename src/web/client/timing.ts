/** A controller that ends with another one's signal, and may be ended before. */
export function within(signal: AbortSignal): AbortController {
  const inner = new AbortController();
  if (signal.aborted) inner.abort();
  signal.addEventListener('abort', () => inner.abort(), { once: true, signal: inner.signal });
  return inner;
}

/** Calls `bark` unless it is fed at least every `ms`, or stopped. */
export function watchdog(ms: number, bark: () => void): { feed(): void; stop(): void } {
  let timer = setTimeout(bark, ms);
  return {
    feed: () => {
      clearTimeout(timer);
      timer = setTimeout(bark, ms);
    },
    stop: () => clearTimeout(timer),
  };
}

/** Waits that many milliseconds (Infinity: for ever), or until the signal. */
export function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const timer = ms === Infinity ? undefined : setTimeout(resolve, ms);
    const wake = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', wake, { once: true });
  });
}
