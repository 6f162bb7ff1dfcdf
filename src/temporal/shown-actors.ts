import type { Client } from '@temporalio/client';
import { searchAttributes, taskQueues, workflowTypes } from '../../workflows/contract/ids';

const timeoutMs = 10_000;
/** While one continues as new, both its runs may be shown as running for a moment. */
const runsEach = 2;

/** Those that run until they are told to end. In a namespace's lists are those of other task queues too. */
const runningQuery =
  `TaskQueue = "${taskQueues.main}" AND ExecutionStatus = "Running" ` +
  `AND WorkflowType IN ("${workflowTypes.integration}", "${workflowTypes.credential}")`;
const pageSize = 500;

/** The search attributes of a running actor, by name, as lists show them; what is not set is missing. */
export type Shown = Readonly<Record<string, string>>;

/** What Temporal's lists show of actors. They are a moment behind. */
export interface ShownActors {
  /**
   * Of those among these who run, in one request. By their ids, since no order of ids is the same in every store of lists.
   * @param workflowIds up to 500
   */
  shown(workflowIds: readonly string[]): Promise<ReadonlyMap<string, Shown>>;
  /**
   * A page of the actors of integrations and credentials that run.
   * @param after what the page before gave as `next`, or ''
   * @returns `next`: '' at the end
   */
  running(after: string): Promise<{ workflowIds: readonly string[]; next: string }>;
}

/** @param client its errors are thrown as they come */
export function createShownActors(client: Client): ShownActors {
  const attributes = Object.values(searchAttributes).filter(({ type }) => type === 'KEYWORD');
  const { namespace } = client.options;

  async function list(workflowIds: readonly string[]): Promise<Map<string, Shown>> {
    const ids = workflowIds.map((id) => `"${id}"`).join(', ');
    const { executions } = await client.workflowService.listWorkflowExecutions({
      namespace,
      query: `WorkflowId IN (${ids}) AND ExecutionStatus = "Running"`,
      pageSize: runsEach * workflowIds.length,
    });
    const shown = new Map<string, Shown>();
    for (const { execution, searchAttributes: set } of executions) {
      const id = execution?.workflowId;
      // The one that began last comes first.
      if (id == null || shown.has(id)) continue;
      const pairs = attributes.flatMap(({ name }) => {
        const value = textOf(set?.indexedFields?.[name]?.data);
        return value === null ? [] : [[name, value]];
      });
      shown.set(id, Object.fromEntries(pairs) as Shown);
    }
    return shown;
  }

  async function page(after: string): Promise<{ workflowIds: string[]; next: string }> {
    const { executions, nextPageToken } = await client.workflowService.listWorkflowExecutions({
      ...{ namespace, pageSize, query: runningQuery },
      nextPageToken: Buffer.from(after, 'base64'),
    });
    return {
      workflowIds: executions.flatMap(({ execution }) => execution?.workflowId ?? []),
      next: Buffer.from(nextPageToken).toString('base64'),
    };
  }

  const soon = <T>(list: () => Promise<T>) => client.withDeadline(Date.now() + timeoutMs, list);
  return {
    running: (after) => soon(() => page(after)),
    shown: (workflowIds) => soon(() => list(workflowIds)),
  };
}

function textOf(data: Uint8Array | null | undefined): string | null {
  if (data == null || data.length === 0) return null;
  const value: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
  return typeof value === 'string' ? value : null;
}
