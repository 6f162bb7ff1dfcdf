import { expect } from './see';

/**
 * @param since as `performance.now()` has it
 * @returns the time that has gone by, in words
 * @throws NotSeenError where it is longer than the limit
 */
export function within(limitMs: number, what: string, since: number): string {
  const took = performance.now() - since;
  const words = seconds(took);
  expect(took < limitMs, `${what} in less than ${seconds(limitMs)}`, words);
  return words;
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
