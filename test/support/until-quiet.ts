import type { WorkflowHandle } from '@temporalio/client';
import { eventually } from './eventually';

/** Waits until a workflow has worked on all that it was sent: its history grows no more, and nothing is under way. */
export async function untilQuiet(handle: Pick<WorkflowHandle, 'describe'>): Promise<number> {
  let before = -1;
  return eventually(
    async () => {
      const { historyLength, raw } = await handle.describe();
      const idle = raw.pendingWorkflowTask == null && (raw.pendingActivities ?? []).length === 0;
      const quiet = idle && historyLength === before;
      before = historyLength;
      if (!quiet) throw new Error('it is still at work');
      return historyLength;
    },
    { everyMs: 200 },
  );
}
