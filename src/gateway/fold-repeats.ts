import type { NewDelivery } from '../db/queries/deliveries/new-delivery';

/** Groups a batch by key, in the order of the keys' firsts: one statement takes a key once. */
export function foldRepeats<T extends { delivery: NewDelivery }>(
  batch: readonly T[],
): { first: T; repeats: T[] }[] {
  const groups = new Map<string, { first: T; repeats: T[] }>();
  for (const one of batch) {
    const key = `${one.delivery.integrationId} ${one.delivery.dedupeHash.toString('latin1')}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: one, repeats: [] });
    else group.repeats.push(one);
  }
  return [...groups.values()];
}
