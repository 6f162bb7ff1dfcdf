/**
 * Runs `work` for whoever asks, one run at a time: who asks during a run waits for the next one, which begins after they
 * asked and serves them all.
 */
export function oneAtATime<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const run = async (): Promise<T> => {
    try {
      return await work();
    } finally {
      running = next;
      next = undefined;
    }
  };
  return () => {
    if (running === undefined) return (running = run());
    const before = running;
    return (next ??= before.then(run, run));
  };
}
