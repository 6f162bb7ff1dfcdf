import { waitUntil } from '../../src/dev/process/wait-until';
import { noteWait } from './recorder/waits';

/**
 * Waits for a condition: `check` is called until it doesn't throw.
 * @returns what it returned
 * @throws what it threw last, after `timeoutMs` (default 10 s)
 */
export async function eventually<T>(
  check: () => Promise<T> | T,
  options: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const caller = new Error();
  const begun = performance.now();
  try {
    return await waitUntil(check, {
      timeoutMs: options.timeoutMs ?? 10_000,
      everyMs: options.everyMs ?? 25,
    });
  } finally {
    noteWait(performance.now() - begun, caller);
  }
}
