import { condition } from '@temporalio/workflow';

/** Runs one piece of work at a time, in the order in which they came. */
export function createMutex(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work, work);
    last = result;
    return result;
  };
}

/** @param ms how long to wait at most; undefined for ever. @returns false where the time ran out */
export async function conditionWithin(
  ms: number | undefined,
  ready: () => boolean,
): Promise<boolean> {
  if (ms !== undefined) return condition(ready, ms);
  await condition(ready);
  return true;
}
