import type { Client } from '@temporalio/client';
import { taskQueues, workflowIds, workflowTypes } from '../../../workflows/contract/ids';
import { messageOf } from '../../lib/errors';
import type { Logger } from '../../lib/log';

const timeoutMs = 5_000;

/**
 * Starts comparing what lists show of actors with all rows, unless that is under way. It never throws: while there is none,
 * or the last is old, each sweep starts it at its end.
 */
export function createStartComparison(client: Client, log: Logger): () => Promise<void> {
  return async () => {
    try {
      await client.withDeadline(Date.now() + timeoutMs, () =>
        client.workflow.start(workflowTypes.sweep, {
          workflowId: workflowIds.compare,
          taskQueue: taskQueues.main,
          args: [{ compare: true }],
          workflowIdConflictPolicy: 'USE_EXISTING',
          // Enough for millions of rows; one that hangs is begun anew.
          workflowExecutionTimeout: '6 hours',
        }),
      );
    } catch (error) {
      log.warn(
        { event: 'sweep.comparison_not_started', err: messageOf(error) },
        'The comparison of actors with their rows could not be started; the next sweep does it',
      );
    }
  };
}
