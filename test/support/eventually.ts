import { waitUntil } from '../../src/dev/wait-until';

/**
 * Waits for a condition: `check` is called until it doesn't throw.
 * @returns what it returned
 * @throws what it threw last, after `timeoutMs` (default 10 s)
 */
export function eventually<T>(
  check: () => Promise<T> | T,
  options: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  return waitUntil(check, {
    timeoutMs: options.timeoutMs ?? 10_000,
    everyMs: options.everyMs ?? 25,
  });
}
