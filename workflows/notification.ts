import {
  condition,
  continueAsNew,
  setCurrentDetails,
  setDefaultSignalHandler,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { telling } from './activity-options';
import * as contract from './contract/messages';
import type { ActorInput } from './contract/messages';
import { checkActorInput } from './message-guards';

/** Longest nap before the rows are asked again. */
const longestMs = 60 * 60 * 1000;

/**
 * Sends the notifications of one stream, in order, for days if it must. A workflow of its own: a child would be
 * ended or orphaned when the integration's actor continues as new.
 */
export async function notification(input: ActorInput): Promise<void> {
  checkActorInput(input);
  let waiting = true;
  setHandler(contract.noticeWaiting, () => {
    waiting = true;
  });
  setDefaultSignalHandler(() => undefined);

  while (waiting) {
    waiting = false;
    const summary = 'post what waits';
    const stream = { stream: input.id };
    const result = await telling.deliverNotices.executeWithOptions({ summary }, [stream]);
    if (result.retryAt !== null) {
      setCurrentDetails(`A notification waits: it is posted (again) at ${result.retryAt}`);
      const ms = Math.min(Math.max(1_000, Date.parse(result.retryAt) - Date.now()), longestMs);
      // What came meanwhile may say that there is nothing to wait for any more.
      await condition(() => waiting, ms, { summary: `post it (again), due ${result.retryAt}` });
      waiting = true;
    }
    if (waiting && workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof notification>({ id: input.id });
    }
  }
}
