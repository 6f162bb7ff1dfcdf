import { continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import { feeding } from './activity-options';
import { conditionWithin } from './concurrency';
import * as contract from './contract/messages';
import type { ActorInput } from './contract/messages';
import { ignoreUnknownSignals } from './signal-guards';

/** Feeds a queue with what a large replay has chosen, as there is room. All that it knows is in the replay's row. */
export async function replay(input: ActorInput): Promise<void> {
  let rang = false;
  setHandler(
    contract.replayWaiting,
    () => {
      rang = true;
    },
    { description: 'Look at once whether there is room in the queue.' },
  );
  ignoreUnknownSignals();

  for (let pauses = 0; ;) {
    rang = false;
    const { kind, fed } = await feeding.feedReplay({ replayId: input.id });
    if (kind === 'ended') return;
    pauses = kind === 'more' || fed > 0 ? 0 : pauses + 1;
    if (kind === 'full') await conditionWithin(replayPauseMs(pauses), () => rang);
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof replay>({ id: input.id });
    }
  }
}

/** The sweep takes a replay for forgotten that was not looked at for 90 s. */
const longestMs = 30_000;

/**
 * Until a full queue is looked at again: soon while it is being handled, seldom while nothing leaves it.
 *
 * @param pauses how many in a row have brought no room
 */
function replayPauseMs(pauses: number): number {
  return Math.min(1_000 * 2 ** Math.min(pauses, 5), longestMs);
}
