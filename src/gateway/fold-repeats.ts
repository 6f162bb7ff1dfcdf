import type { NewDelivery } from '../db/queries/accept-deliveries';

/** Parts a batch into the first of each key and the repeats: one statement takes a key once. */
export function foldRepeats<T extends { delivery: NewDelivery }>(
  batch: readonly T[],
): { firsts: T[]; repeats: T[] } {
  const seen = new Set<string>();
  const firsts: T[] = [];
  const repeats: T[] = [];
  for (const one of batch) {
    const key = `${one.delivery.integrationId} ${one.delivery.dedupeHash.toString('latin1')}`;
    (seen.has(key) ? repeats : firsts).push(one);
    seen.add(key);
  }
  return { firsts, repeats };
}
