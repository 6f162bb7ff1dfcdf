import {
  condition,
  continueAsNew,
  setDefaultSignalHandler,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { checkActorInput } from './actor-input';
import { telling } from './activity-options';
import * as contract from './contract/messages';
import type { ActorInput } from './contract/messages';

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
    const result = await telling.deliverNotices({ stream: input.id });
    if (result.retryAt !== null) {
      const ms = Math.min(Math.max(1_000, Date.parse(result.retryAt) - Date.now()), longestMs);
      // What came meanwhile may say that there is nothing to wait for any more.
      await condition(() => waiting, ms);
      waiting = true;
    }
    if (waiting && workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof notification>({ id: input.id });
    }
  }
}
