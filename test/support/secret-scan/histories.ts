import { Connection, isGrpcServiceError, type WorkflowService } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { folderVariable, noteText } from '../recorder/record';

const { History } = temporal.api.history.v1;
const { WorkflowExecutionInfo } = temporal.api.workflow.v1;

const atOnce = 16;
/** gRPC's status. */
const notFound = 5;

/**
 * Keeps every event of every run of a namespace, and what its list shows: inputs, results, signals,
 * updates, failures, memos and search attributes, as the server has them.
 */
export async function keepHistories(address: string, namespaces: readonly string[]): Promise<void> {
  if (process.env[folderVariable] === undefined) return;
  // Some tests send signals of almost two megabytes.
  const channelArgs = { 'grpc.max_receive_message_length': -1 };
  const connection = await Connection.connect({ address, channelArgs });
  try {
    const left = [...namespaces];
    const next = async (): Promise<void> => {
      for (let one = left.pop(); one !== undefined; one = left.pop()) {
        await keepNamespace(connection.workflowService, one);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, next));
  } finally {
    await connection.close();
  }
}

async function keepNamespace(service: WorkflowService, namespace: string): Promise<void> {
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await service.listWorkflowExecutions({ namespace, nextPageToken });
    for (const info of page.executions) {
      keep(namespace, WorkflowExecutionInfo.encode(info).finish());
      await keepRun(service, namespace, info.execution ?? {});
    }
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
}

async function keepRun(
  service: WorkflowService,
  namespace: string,
  execution: temporal.api.common.v1.IWorkflowExecution,
): Promise<void> {
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await service
      .getWorkflowExecutionHistory({ namespace, execution, nextPageToken })
      .catch((error: unknown) => {
        // Deleted since it was listed, by a test about deletions: nothing of it is left.
        if (isGrpcServiceError(error) && (error.code as number) === notFound) return null;
        throw error;
      });
    if (page === null) return;
    keep(namespace, History.encode(page.history ?? {}).finish());
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
}

const keep = (namespace: string, bytes: Uint8Array) =>
  noteText('workflow history', bytes, `namespace ${namespace}`);
