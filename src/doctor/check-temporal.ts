import { once } from 'node:events';
import { connect } from 'node:net';
import type { Client } from '@temporalio/client';
import { temporal as proto } from '@temporalio/proto';
import { taskQueues } from '../../workflows/contract/ids';
import { isNobodyThere, nothingListens } from '../cli/nothing-listens';
import { messageOf } from '../lib/errors';
import { createTemporal, type TemporalOptions } from '../temporal/client';
import { missingSearchAttributes } from '../temporal/search-attributes';
import { answerLimitMs, well, wrong, type Finding } from './finding';

const { TaskQueueType } = proto.api.enums.v1;

export async function checkTemporal(options: TemporalOptions): Promise<Finding[]> {
  const temporal = createTemporal(options);
  const { client } = temporal;
  const address = options.address ?? 'localhost:7233';
  const name = `Temporal ${address}, namespace ${client.options.namespace}`;
  try {
    return await client.withDeadline(Date.now() + answerLimitMs, async () => {
      await client.workflowService.describeNamespace({ namespace: client.options.namespace });
      return [well(name), await attributes(client), await workers(client)];
    });
  } catch (error) {
    const why = (await isNobodyAt(address))
      ? nothingListens(address)
      : `does not answer (${messageOf(error)})`;
    return [wrong(`${name}: ${why}`)];
  } finally {
    await temporal.close().catch(() => undefined);
  }
}

async function attributes(client: Client): Promise<Finding> {
  const missing = (await missingSearchAttributes(client)).map(({ name }) => name);
  return missing.length === 0
    ? well('Search attributes: registered')
    : wrong(`Search attributes: ${missing.join(', ')} missing; a worker registers them`);
}

async function workers(client: Client): Promise<Finding> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueues.main },
    taskQueueType: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  });
  return pollers.length > 0
    ? well(`Worker: ${pollers.length} polling`)
    : wrong('Worker: none polls; run "holdfast worker"');
}

/** gRPC goes on trying until the time is over, and doesn't say what it met. */
async function isNobodyAt(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''));
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(answerLimitMs) });
    return false;
  } catch (error) {
    return isNobodyThere(error);
  } finally {
    socket.destroy();
  }
}
