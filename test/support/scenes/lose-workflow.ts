import type { Client } from '@temporalio/client';
import { eventually } from '../eventually';

/** Nothing is left of it, as where Temporal has lost its data. */
export async function loseWorkflow(temporal: Client, workflowId: string): Promise<void> {
  await temporal.workflowService.deleteWorkflowExecution({
    namespace: temporal.options.namespace,
    workflowExecution: { workflowId },
  });
  await eventually(
    async () =>
      expect((await temporal.workflow.count(`WorkflowId = "${workflowId}"`)).count).toBe(0),
    { timeoutMs: 20_000, everyMs: 100 },
  );
}
