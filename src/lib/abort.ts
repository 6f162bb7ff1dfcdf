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
