import { type Client, isGrpcServiceError } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { taskQueues, workflowIds, workflowTypes } from '../../workflows/contract/ids';

const { WorkflowExecutionStatus: Status } = temporal.api.enums.v1;
type StatusNumber = temporal.api.enums.v1.WorkflowExecutionStatus;
/** gRPC status code. */
const notFound = 5;
/** Milliseconds for one request. */
const timeoutMs = 5_000;
/** One request of these is one of about ten that Temporal allows a namespace each second. */
const pageSize = 500;
const mostPages = 40;

/** How a run came to an end that was not its own. */
const unwanted = {
  [Status.WORKFLOW_EXECUTION_STATUS_FAILED]: 'failed',
  [Status.WORKFLOW_EXECUTION_STATUS_TERMINATED]: 'terminated',
  [Status.WORKFLOW_EXECUTION_STATUS_TIMED_OUT]: 'timed_out',
  [Status.WORKFLOW_EXECUTION_STATUS_CANCELED]: 'canceled',
} as const;
const closedQuery = 'ExecutionStatus IN ("Failed", "Terminated", "TimedOut", "Canceled")';
/** The namespace may be shared with others, whose workflows may have the same names. */
const ours = `TaskQueue = "${taskQueues.main}"`;
const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');
const failingQuery = 'ExecutionStatus = "Running" AND TemporalReportedProblems IS NOT NULL';

/** Why an actor doesn't go on: its task fails again and again, or its run has ended as it should not. */
export const stuckCauses = ['task_failing', ...Object.values(unwanted), 'lost'] as const;
export type StuckCause = (typeof stuckCauses)[number];

type WorkflowType = (typeof workflowTypes)[keyof typeof workflowTypes];

export interface SeenRun {
  workflowId: string;
  runId: string;
}

export interface CurrentRun {
  /** Null where Temporal knows of none. */
  runId: string | null;
  /** `beginning`: its first task has not ended, so that nobody knows whether it can. */
  state: 'going_on' | 'beginning' | 'completed' | StuckCause;
}

/** What Temporal says of actors' runs, and what ends one. Errors are thrown as the client throws them. */
export interface ActorRuns {
  /**
   * Those that run, and whose tasks Temporal has reported to fail. Lists show it a moment late.
   * @param type of these workflows alone; default: of all
   * @throws the client's error, also where Temporal is too old to report it
   */
  failing(type?: WorkflowType): Promise<SeenRun[]>;
  /**
   * Those that ended since then without having come to their end, with whether these are all.
   * @param since the time by Temporal's clock
   */
  endedSince(since: Date): Promise<{ runs: SeenRun[]; isAll: boolean }>;
  /** As it is now, not as lists show it. */
  current(workflowId: string): Promise<CurrentRun>;
  /** Ends this run and no other; one that has ended already is no error. */
  end(run: SeenRun, reason: string): Promise<void>;
  /** Wakes every actor, from the first: a sweep for that which is under way may be past those who have to be woken again. */
  restoreAll(): Promise<void>;
}

export function createActorRuns(client: Client): ActorRuns {
  const { namespace } = client.options;
  const within = <T>(call: () => Promise<T>) => client.withDeadline(Date.now() + timeoutMs, call);

  async function list(
    query: string,
    types: readonly WorkflowType[] = Object.values(workflowTypes),
  ): Promise<{ runs: SeenRun[]; isAll: boolean }> {
    const runs: SeenRun[] = [];
    let nextPageToken: Uint8Array = new Uint8Array();
    for (let page = 0; page < mostPages; page++) {
      const answer = await within(() =>
        client.workflowService.listWorkflowExecutions({
          ...{ namespace, pageSize, nextPageToken },
          query: `${query} AND ${ours} AND WorkflowType IN (${quoted(types)})`,
        }),
      );
      for (const { execution } of answer.executions) {
        const { workflowId, runId } = execution ?? {};
        if (workflowId != null && runId != null) runs.push({ workflowId, runId });
      }
      nextPageToken = answer.nextPageToken;
      if (nextPageToken.length === 0) return { runs, isAll: true };
    }
    return { runs, isAll: false };
  }

  return {
    failing: async (type) => (await list(failingQuery, type && [type])).runs,
    endedSince: (since) => list(`${closedQuery} AND CloseTime >= "${since.toISOString()}"`),
    current: async (workflowId) => {
      try {
        return stateOf(
          await within(() =>
            client.workflowService.describeWorkflowExecution({
              namespace,
              execution: { workflowId },
            }),
          ),
        );
      } catch (error) {
        if (!isNotFound(error)) throw error;
        return { runId: null, state: 'lost' };
      }
    },
    end: async (workflowExecution, reason) => {
      try {
        await within(() =>
          client.workflowService.terminateWorkflowExecution({
            ...{ namespace, workflowExecution, reason, identity: client.options.identity },
          }),
        );
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
    restoreAll: async () => {
      await within(() =>
        client.workflow.start(workflowTypes.sweep, {
          workflowId: workflowIds.restore,
          taskQueue: taskQueues.main,
          args: [{ all: true }],
          workflowIdConflictPolicy: 'TERMINATE_EXISTING',
        }),
      );
    },
  };
}

/** Events of a run whose first task has been scheduled and has begun, with the signal that it was started with. */
const eventsOfABeginning = 4;

function stateOf({
  workflowExecutionInfo: info,
  pendingWorkflowTask: task,
}: temporal.api.workflowservice.v1.IDescribeWorkflowExecutionResponse): CurrentRun {
  const runId = info?.execution?.runId ?? null;
  const status = info?.status ?? Status.WORKFLOW_EXECUTION_STATUS_UNSPECIFIED;
  if (status !== Status.WORKFLOW_EXECUTION_STATUS_RUNNING) {
    return { runId, state: howItEnded(status) ?? 'completed' };
  }
  if (task == null) return { runId, state: 'going_on' };
  if ((task.attempt ?? 1) > 1) return { runId, state: 'task_failing' };
  const isBeginning = Number(info?.historyLength ?? 0) <= eventsOfABeginning;
  return { runId, state: isBeginning ? 'beginning' : 'going_on' };
}

const howItEnded = (status: StatusNumber) =>
  (unwanted as Partial<Record<StatusNumber, StuckCause>>)[status];

const isNotFound = (error: unknown) =>
  isGrpcServiceError(error) && (error.code as number) === notFound;
