import { continueAsNew, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { feeding } from './activity-options';
import { conditionWithin } from './concurrency';
import * as contract from './contract/messages';
import type { ActorInput } from './contract/messages';
import { backoffMs } from './rules';
import { checkActorInput, ignoreUnknownSignals } from './message-guards';

/** Until a full queue is looked at again. The sweep takes a replay for forgotten that was not looked at for 90 s. */
const growth = { firstMs: 1_000, longestMs: 30_000 };

/** Feeds a queue with what a large replay has chosen, as there is room. All that it knows is in the replay's row. */
export async function replay(input: ActorInput): Promise<void> {
  checkActorInput(input);
  let isSignalled = false;
  setHandler(
    contract.replayWaiting,
    () => {
      isSignalled = true;
    },
    { description: 'Look at once whether there is room in the queue.' },
  );
  ignoreUnknownSignals();

  for (let pauses = 0; ;) {
    isSignalled = false;
    const summary = 'put into the queue what there is room for';
    const asked = { replayId: input.id };
    const { kind, fed } = await feeding.feedReplay.executeWithOptions({ summary }, [asked]);
    if (kind === 'ended') return;
    setCurrentDetails(kind === 'full' ? 'Waits for room in the queue.' : 'Goes on.');
    pauses = kind === 'more' || fed > 0 ? 0 : pauses + 1;
    if (kind === 'full')
      await conditionWithin(
        backoffMs(growth, pauses),
        () => isSignalled,
        `the last time ${fed}; wait for room in the queue`,
      );
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof replay>({ id: input.id });
    }
  }
}
