/**
 * @param sorted ascending
 * @param share from 0 to 1
 * @returns the smallest value that at least that share doesn't exceed; NaN where there is none
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

/** What several rounds of one measurement say. */
export interface Summary {
  median: number;
  min: number;
  max: number;
}

/** @throws RangeError where there is nothing */
export function summarise(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) throw new RangeError('no values');
  const [lower, upper] = [Math.floor, Math.ceil].map(
    (round) => sorted[round((sorted.length - 1) / 2)] ?? NaN,
  );
  return { median: ((lower ?? NaN) + (upper ?? NaN)) / 2, min, max };
}
