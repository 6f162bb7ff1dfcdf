import { temporal } from '@temporalio/proto';
import { NativeConnection, Worker } from '@temporalio/worker';
import { heartbeats } from '../../../src/worker/heartbeats';
import { dataConverter } from '../../../src/temporal/data-converter';
import { createActors } from '../../../src/temporal/actors';
import { createTemporal } from '../../../src/temporal/client';
import { taskQueues } from '../../../workflows/contract/ids';
import { eventually } from '../../support/eventually';
import { testTemporal } from '../../support/servers/temporal';
import { testWorkflowBundle } from '../../support/servers/workflow-bundle';
import { quietRuntime } from '../../support/servers/quiet-runtime';
import type { CredentialRow } from '../../../workflows/contract/status';

const ahead = 40;
const activityQueue = temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY;

/** Credentials that are due say so; the others wait to be asked. */
function factsOf(id: string, version: number): CredentialRow {
  const isDue = id.startsWith('due') && version === 1;
  return {
    ...{ provider: 'acme', version, state: 'alive', code: null, expiresAt: null },
    refreshAt: isDue ? new Date(Date.now() - 1_000).toISOString() : null,
    ...{ retryAt: null, probeAt: null, noticeAt: null },
  };
}

test('S39 on one slot, whoever is waited for goes ahead of those whose time has come', async () => {
  quietRuntime();
  const { address, namespace } = await testTemporal();
  const ours = createTemporal({ address, namespace });
  const { client } = ours;
  const connection = await NativeConnection.connect({ address });
  const common = { connection, namespace, dataConverter };
  const order: string[] = [];
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const main = await Worker.create({
    ...common,
    workflowBundle: { codePath: testWorkflowBundle() },
    taskQueue: taskQueues.main,
    activities: {
      inspectCredential: (input: { credentialId: string }) =>
        Promise.resolve(factsOf(input.credentialId, 1)),
    },
  });
  const refreshing = await Worker.create({
    ...common,
    taskQueue: taskQueues.refresh,
    maxConcurrentActivityTaskExecutions: 1,
    interceptors: { activity: [heartbeats] },
    activities: {
      refreshCredential: async ({ credentialId }: { credentialId: string }) => {
        order.push(credentialId);
        await opened;
        const facts = factsOf(credentialId, 2);
        return { facts, answer: { kind: 'alive', version: 2, expiresAt: null } };
      },
    },
  });
  const actors = createActors(client);
  const backlog = async () => {
    const { stats } = await client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueues.refresh },
      taskQueueType: activityQueue,
      reportStats: true,
    });
    return Number(stats?.approximateBacklogCount ?? 0);
  };
  const runs = [main.run(), refreshing.run()];
  try {
    await Promise.all(
      Array.from({ length: ahead }, (_, index) =>
        actors.lookAtCredential(`due-${index}`, 1, 'due'),
      ),
    );
    await eventually(() => expect(order).toHaveLength(1), { timeoutMs: 30_000 });
    await eventually(async () => expect(await backlog()).toBeGreaterThanOrEqual(ahead - 3), {
      timeoutMs: 30_000,
      everyMs: 200,
    });
    const before = await backlog();
    const asked = ['asked-1', 'asked-2', 'asked-3'];
    const answers = asked.map((id) => actors.refresh(id, { rejectedVersion: 1 }));
    await eventually(async () => expect(await backlog()).toBe(before + asked.length), {
      timeoutMs: 30_000,
      everyMs: 200,
    });
    open();
    expect(await Promise.all(answers)).toMatchObject(asked.map(() => ({ version: 2 })));
    await eventually(() => expect(order).toHaveLength(ahead + asked.length), {
      timeoutMs: 30_000,
    });
    // A few were on their way to the worker before anybody asked, and the queue's partitions are asked in turn:
    // one may be late. Without priorities those who asked come last, wherever they are.
    const places = asked.map((id) => order.indexOf(id)).sort((a, b) => a - b);
    expect(places[1]).toBeLessThan(ahead / 2);
  } finally {
    open();
    for (const worker of [main, refreshing]) worker.shutdown();
    await Promise.all(runs);
    await connection.close();
    await ours.close();
  }
}, 120_000);
