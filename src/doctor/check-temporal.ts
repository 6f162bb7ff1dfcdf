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

/** Workers that ask each queue: those of one queue alone may have ended, and what it is for stands still. */
async function workers(client: Client): Promise<Finding> {
  const queues = Object.values(taskQueues);
  const counts = await Promise.all(queues.map((queue) => countPollers(client, queue)));
  const missing = queues.filter((_queue, index) => counts[index] === 0);
  if (missing.length === queues.length) return wrong('Worker: none polls; run "holdfast worker"');
  if (missing.length > 0)
    return wrong(
      `Worker: none polls ${missing.join(', ')}, and what waits there stands still; restart the workers`,
    );
  return well(`Worker: ${Math.min(...counts)} polling each of ${queues.length} task queues`);
}

/** Of the main queue those of workflows alone: its activities are polled by the same worker. */
async function countPollers(client: Client, queue: string): Promise<number> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: queue },
    taskQueueType:
      queue === taskQueues.main
        ? TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
        : TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
  });
  return pollers.length;
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
