import { type Client, isGrpcServiceError } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

const { WORKFLOW_EXECUTION_STATUS_RUNNING } = temporal.api.enums.v1.WorkflowExecutionStatus;
/** gRPC status code. */
const notFound = 5;
const timeoutMs = 5_000;
const pageSize = 500;

/** One execution of an actor: each continue-as-new begins another one under the same id. */
export interface ActorRun {
  workflowId: string;
  runId: string;
  running: boolean;
}

/** What Temporal keeps of actors, by their ids. */
export interface Histories {
  /** Their runs, the running ones and those that have ended; where they are many, some of them. */
  runsOf(workflowIds: readonly string[]): Promise<{ runs: ActorRun[]; isAll: boolean }>;
  /** Deletes a run with its history; one that is running is ended by it. */
  deleteRun(run: ActorRun): Promise<void>;
}

/** @param client its errors are thrown as they come */
export function createHistories(client: Client): Histories {
  const { namespace } = client.options;
  const within = <T>(call: () => Promise<T>) => client.withDeadline(Date.now() + timeoutMs, call);
  return {
    runsOf: async (workflowIds) => {
      const query = `WorkflowId IN (${workflowIds.map((id) => `"${id}"`).join(', ')})`;
      const { executions, nextPageToken } = await within(() =>
        client.workflowService.listWorkflowExecutions({ namespace, query, pageSize }),
      );
      const runs = executions.flatMap(({ execution, status }) =>
        execution?.workflowId == null || execution.runId == null
          ? []
          : [
              {
                workflowId: execution.workflowId,
                runId: execution.runId,
                running: status === WORKFLOW_EXECUTION_STATUS_RUNNING,
              },
            ],
      );
      return { runs, isAll: nextPageToken.length === 0 };
    },
    deleteRun: async ({ workflowId, runId }) => {
      try {
        await within(() =>
          client.workflowService.deleteWorkflowExecution({
            namespace,
            workflowExecution: { workflowId, runId },
          }),
        );
      } catch (error) {
        // A list shows a moment longer what is gone already.
        if (!isGrpcServiceError(error) || (error.code as number) !== notFound) throw error;
      }
    },
  };
}
