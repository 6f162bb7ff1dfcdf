/**
 * Whether a party that then has `own` may have it, where then `free` is left for all: it may have `factor` times of what
 * it leaves to others. A share of its own, a fixed part, would either be too little for one that is alone or leave nothing
 * where there are many; with this rule one alone gets factor / (1 + factor), n of them n * factor / (1 + n * factor), and
 * something is always left for the next. It is the dynamic threshold of Choudhury and Hahne, "Dynamic queue length
 * thresholds for shared-memory packet switches" (IEEE/ACM Transactions on Networking 6:2, 1998).
 */
export const isFairShare = (own: number, free: number, factor: number): boolean =>
  free >= 0 && own <= factor * free;

/** Sums by key; what is zero takes no memory. */
export interface Tally {
  of(key: string): number;
  add(key: string, amount: number): void;
}

export function createTally(): Tally {
  const sums = new Map<string, number>();
  const of = (key: string) => sums.get(key) ?? 0;
  return {
    of,
    add: (key, amount) => {
      const sum = of(key) + amount;
      if (sum === 0) sums.delete(key);
      else sums.set(key, sum);
    },
  };
}

/** What a party counts for: each kind has a factor of its own. */
export type PartyKeys<Kind extends string> = readonly { kind: Kind; key: string }[];

/**
 * Places, or bytes, of which every key of a party may have so many times what it leaves to others.
 *
 * @param factors by the kind of key
 */
export function createRoom<Kind extends string>(size: number, factors: Record<Kind, number>) {
  const sums = createTally();
  let taken = 0;
  const count = (keys: PartyKeys<Kind>, amount: number) => {
    taken += amount;
    for (const { key } of keys) sums.add(key, amount);
  };
  return {
    held: (key: string) => sums.of(key),
    free: () => size - taken,
    /** The key that would have more than its share with so much more; undefined where all may. */
    fullKey: (keys: PartyKeys<Kind>, amount = 1): string | undefined =>
      keys.find(
        ({ kind, key }) =>
          !isFairShare(sums.of(key) + amount, size - taken - amount, factors[kind]),
      )?.key,
    enter: (keys: PartyKeys<Kind>, amount = 1) => count(keys, amount),
    leave: (keys: PartyKeys<Kind>, amount = 1) => count(keys, -amount),
  };
}
