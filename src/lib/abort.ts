/** A signal that aborts with another one, or after a time. */
export interface Deadline {
  signal: AbortSignal;
  /** Whether it was the time that ended it. */
  isOver(): boolean;
  /** Has to be called at the end: the timer keeps the process alive. */
  clear(): void;
}

/**
 * Not `AbortSignal.any` with `AbortSignal.timeout`: Node 20 may collect such a signal as garbage,
 * and then it never fires.
 */
export function startDeadline(timeoutMs: number, outer: AbortSignal): Deadline {
  const controller = new AbortController();
  let over = false;
  const timer = setTimeout(() => {
    over = true;
    controller.abort(new DOMException(`Not done within ${timeoutMs} ms`, 'TimeoutError'));
  }, timeoutMs);
  const follow = () => controller.abort(outer.reason);
  if (outer.aborted) follow();
  else outer.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    isOver: () => over && !outer.aborted,
    clear: () => {
      clearTimeout(timer);
      outer.removeEventListener('abort', follow);
    },
  };
}

/**
 * A signal that aborts with the first of two. Not `AbortSignal.any`: Node 20 may collect such a signal as garbage,
 * and then it never fires.
 */
export function eitherSignal(
  one: AbortSignal,
  other: AbortSignal | undefined,
): { signal: AbortSignal; /** Has to be called at the end. */ clear(): void } {
  if (other === undefined) return { signal: one, clear: () => undefined };
  const controller = new AbortController();
  const both = [one, other].map((signal) => {
    const follow = () => controller.abort(signal.reason);
    if (signal.aborted) follow();
    else signal.addEventListener('abort', follow, { once: true });
    return () => signal.removeEventListener('abort', follow);
  });
  return {
    signal: controller.signal,
    clear: () => {
      for (const leave of both) leave();
    },
  };
}

/**
 * Work that ends with its signal. undici heeds a signal only once it has a connection: until then
 * a request would wait as long as connecting may take.
 * @throws the signal's reason where it aborts first; what the work comes to then is dropped
 */
export async function untilAborted<Value>(
  work: Promise<Value>,
  signal: AbortSignal,
): Promise<Value> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
  });
  work.catch(() => undefined);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
