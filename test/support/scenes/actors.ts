import { WorkflowNotFoundError, type WorkflowExecutionStatusName } from '@temporalio/client';
import { taskQueues, workflowIds } from '../../../workflows/contract/ids';
import { eventually } from '../eventually';
import type { IntegrationBody, Scene } from './scene';

/** A task that fails is tried again after ten seconds, and reported then. */
export const patience = { timeoutMs: 60_000, everyMs: 100 };

/** What tests ask of actors, and do to them, by workflow id. */
export function actorHelpers(scene: () => Scene) {
  const handleOf = (workflowId: string) => scene().system.temporal.workflow.getHandle(workflowId);
  const idOf = ({ id }: IntegrationBody) => workflowIds.integration(id);
  const runOf = async (workflowId: string) => {
    const { runId, status } = await handleOf(workflowId).describe();
    return { runId, status: status.name };
  };
  const statusOf = async (workflowId: string) => {
    try {
      return (await runOf(workflowId)).status;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'gone';
      throw error;
    }
  };
  const untilStatus = (workflowId: string, ...expected: (WorkflowExecutionStatusName | 'gone')[]) =>
    eventually(async () => expect(expected).toContain(await statusOf(workflowId)), patience);

  /** What was logged of an actor. */
  const linesOf = (workflowId: string) =>
    scene()
      .system.logLines.map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line['workflowId'] === workflowId && line['event'] !== 'temporal.sdk')
      .map(({ level, event, workflow, cause, count }) => ({
        level,
        event,
        workflow,
        cause,
        count,
      }));

  /** It reads its row, and is not stuck by what the rows say. */
  const untilWell = (workflowId: string, before: string) =>
    eventually(async () => {
      expect(await runOf(workflowId)).toEqual({
        runId: expect.not.stringMatching(before) as unknown,
        status: 'RUNNING',
      });
      await handleOf(workflowId).query('status');
      const { rows } = await query('SELECT FROM stuck_actors WHERE workflow_id = $1', [workflowId]);
      expect(rows).toEqual([]);
    }, patience);

  const query = (text: string, values: unknown[] = []) => scene().system.pool.query(text, values);

  const untilDelivered = async (integration: IntegrationBody) => {
    const { id } = await scene().webhook(integration);
    await eventually(
      () => expect(scene().destination.received.map((one) => one.id)).toContain(id),
      patience,
    );
  };

  const start = (type: string, workflowId: string, args: unknown[], workflowRunTimeout?: number) =>
    scene().system.temporal.workflow.start(type, {
      ...{ workflowId, args, taskQueue: taskQueues.main },
      workflowIdConflictPolicy: 'TERMINATE_EXISTING',
      ...(workflowRunTimeout === undefined ? {} : { workflowRunTimeout }),
    });

  const connected = async () => {
    const integration = await scene().connect();
    await eventually(() => handleOf(idOf(integration)).query('status'), patience);
    return integration;
  };

  return {
    query,
    handleOf,
    idOf,
    runOf,
    statusOf,
    untilStatus,
    linesOf,
    untilWell,
    untilDelivered,
    start,
    connected,
  };
}
