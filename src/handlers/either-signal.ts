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
