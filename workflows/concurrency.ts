import { condition, patched, workflowInfo } from '@temporalio/workflow';

export interface Mutex {
  <T>(work: () => Promise<T>): Promise<T>;
  /** Whether no work is under way, and none waits. */
  isFree(): boolean;
}

/** Runs one piece of work at a time, in the order in which they came. */
export function createMutex(): Mutex {
  let last: Promise<unknown> = Promise.resolve();
  let unfinished = 0;
  const finish = () => {
    unfinished--;
  };
  const run = <T>(work: () => Promise<T>): Promise<T> => {
    unfinished++;
    const result = last.then(work, work);
    // Beside the result: a step between would move what follows it, in histories of before too.
    result.then(finish, finish);
    last = result;
    return result;
  };
  return Object.assign(run, { isFree: () => unfinished === 0 });
}

/**
 * @param ms how long to wait at most; undefined for ever
 * @param summary what operators read beside the timer
 * @returns false where the time ran out
 */
export async function conditionWithin(
  ms: number | undefined,
  ready: () => boolean,
  summary: string,
): Promise<boolean> {
  if (ms !== undefined) return condition(ready, ms, { summary });
  await condition(ready);
  return true;
}

/** Events after which a run ends as soon as nothing is in flight: replaying one costs a cold actor half a millisecond. */
const enoughEvents = 250;
/** Events after which a run ends as soon as it can, whatever comes. */
const mostEvents = 1_000;

/**
 * Whether a run has so many events that it is to end.
 *
 * @param isQuiet whether nothing is in flight, and nothing is due: asked from 250 events on
 * @param mayEnd whether a run may end that isn't quiet: asked from 1,000 events on
 */
export const isLongEnough = (
  events: number,
  isQuiet: () => boolean,
  mayEnd: () => boolean,
): boolean => (events >= mostEvents && mayEnd()) || (events >= enoughEvents && isQuiet());

/**
 * Whether a run is to end and to be continued by another one. Once it is, it stays so: parts of a run must not end while others
 * go on.
 *
 * @param isQuiet whether nothing is in flight, and nothing is due
 * @param mayEnd whether a run that is long may end now: what ends while another part goes on is not looked after meanwhile
 */
export function createRunEnd(isQuiet: () => boolean, mayEnd = () => true): () => boolean {
  let isEnding = false;
  return () => {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    // Asked only where it matters: a marker costs events, and an actor that runs since before ends sooner, too.
    isEnding ||=
      continueAsNewSuggested ||
      (isLongEnough(historyLength, isQuiet, mayEnd) && patched('short-histories'));
    return isEnding;
  };
}
