import { setTimeout as delay } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { NativeConnection } from '@temporalio/worker';
import { createActors } from '../../src/temporal/actors';
import { createTemporal } from '../../src/temporal/client';
import { createWorkers } from '../../src/worker/create-workers';
import { eventually } from '../support/eventually';
import { quietRuntime } from '../support/servers/quiet-runtime';
import { testTemporal } from '../support/servers/temporal';
import { testWorkflowBundle } from '../support/servers/workflow-bundle';
import type { CredentialRow, IntegrationFacts } from '../../workflows/contract/status';

/** A second try comes a second after the heartbeat timeout of ten. */
const longMs = 12_500;

const integrationFacts: IntegrationFacts = {
  ...{ userId: 'u', name: 'n', provider: 'acme', status: 'ENABLED', transition: 0 },
  ...{ since: new Date(0).toISOString(), reason: null, credentials: [], resumeAsked: false },
};

const credentialFacts: CredentialRow = {
  ...{ provider: 'acme', version: 1, state: 'alive', code: null, expiresAt: null },
  ...{ refreshAt: null, retryAt: null, probeAt: null, noticeAt: null },
};

test('an activity that runs for longer than its heartbeat timeout runs once, on every queue', async () => {
  quietRuntime();
  const { address, namespace } = await testTemporal();
  const temporal = createTemporal({ address, namespace });
  const connection = await NativeConnection.connect({ address });
  const runs: string[] = [];
  let ended = 0;
  const long = async <T>(result: T): Promise<T> => {
    const { taskQueue, activityType, heartbeatTimeoutMs } = Context.current().info;
    runs.push(`${activityType} on ${taskQueue}: ${heartbeatTimeoutMs ?? 0} ms`);
    await delay(longMs);
    ended++;
    return result;
  };
  const workers = await createWorkers({
    ...{ connection, namespace, drainSlots: 10, workflowBundlePath: testWorkflowBundle() },
    activities: {
      main: {
        inspectCredential: () => Promise.resolve(credentialFacts),
        settle: () => Promise.resolve(integrationFacts),
        feedReplay: () => long({ kind: 'ended', fed: 0 }),
      },
      refresh: {
        refreshCredential: () =>
          long({ facts: credentialFacts, answer: { kind: 'alive', version: 1, expiresAt: null } }),
      },
      drain: { drainInbox: () => long({ kind: 'empty' }) },
      notices: { deliverNotices: () => long({ retryAt: null }) },
    },
  });
  const running = Promise.all(workers.map((worker) => worker.run()));
  try {
    const actors = createActors(temporal.client);
    const asked = actors.refresh('crd_long', { rejectedVersion: 1 });
    asked.catch(() => undefined);
    await actors.webhookReceived('int_long', []);
    await actors.noticeWaiting('int_long');
    await actors.replayWaiting('rpl_long');
    await eventually(() => expect(ended).toBeGreaterThanOrEqual(4), { timeoutMs: 40_000 });
    expect(runs.sort()).toEqual([
      'deliverNotices on holdfast-notices: 10000 ms',
      'drainInbox on holdfast-drain: 10000 ms',
      'feedReplay on holdfast: 10000 ms',
      'refreshCredential on holdfast-refresh: 10000 ms',
    ]);
    expect(await asked).toMatchObject({ kind: 'alive' });
  } finally {
    for (const worker of workers) worker.shutdown();
    await running;
    await connection.close();
    await temporal.close();
  }
}, 60_000);
