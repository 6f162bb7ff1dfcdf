import type { Group } from '../db/queries/snapshot';

type Labels = Record<string, string>;
/** What a gauge shows for one set of labels. */
export type Sample = readonly [labels: Labels, value: number];

/** Of a value that is there. */
export const known = (labels: Labels, value: number | null | undefined): Sample[] =>
  value == null ? [] : [[labels, value]];

/** @param words that are shown with 0 where there are none */
export const by =
  (label: string, words: readonly string[] = []) =>
  (groups: readonly Group[]): Sample[] => {
    const counts = new Map(words.map((word) => [word, 0]));
    for (const { of, count } of groups) counts.set(of, count);
    return [...counts].map(([word, count]) => [{ [label]: word }, count]);
  };
