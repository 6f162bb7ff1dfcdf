import type { WorkflowHandle } from '@temporalio/client';
import { eventually } from './eventually';

/** Waits until a workflow has worked on all that it was sent: its history grows no more. */
export async function untilQuiet(handle: Pick<WorkflowHandle, 'describe'>): Promise<number> {
  let before = -1;
  return eventually(
    async () => {
      const { historyLength } = await handle.describe();
      const quiet = historyLength === before;
      before = historyLength;
      if (!quiet) throw new Error('it is still at work');
      return historyLength;
    },
    { everyMs: 400 },
  );
}
