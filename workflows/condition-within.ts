import { condition } from '@temporalio/workflow';

/** @param ms how long to wait at most; undefined for ever. @returns false where the time ran out */
export async function conditionWithin(
  ms: number | undefined,
  ready: () => boolean,
): Promise<boolean> {
  if (ms !== undefined) return condition(ready, ms);
  await condition(ready);
  return true;
}
