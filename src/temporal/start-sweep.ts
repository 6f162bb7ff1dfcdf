import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { taskQueues, workflowIds, workflowTypes } from '../../workflows/contract/ids';
import { actorError } from './actor-errors';

const startTimeoutMs = 5_000;

/** Starts a sweep beside the scheduled ones. @throws HoldfastError `temporal_unavailable` */
export async function startSweep(client: Client): Promise<void> {
  try {
    await client.withDeadline(Date.now() + startTimeoutMs, () =>
      client.workflow.start(workflowTypes.sweep, {
        workflowId: workflowIds.sweepNow(randomUUID()),
        taskQueue: taskQueues.main,
        args: [{}],
        workflowExecutionTimeout: '30 minutes',
      }),
    );
  } catch (error) {
    throw actorError(error);
  }
}
