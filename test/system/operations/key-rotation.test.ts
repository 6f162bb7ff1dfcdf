import { parseConfig } from '../../../src/config';
import { checkKeys } from '../../../src/doctor/check-keys';
import { type Gateway, startGateway } from '../../../src/gateway/main';
import { createLog } from '../../../src/lib/log';
import { startWorker, type WorkerProcess } from '../../../src/worker/main';
import { openAll, sealingKey } from '../../encryption/encrypted-rows';
import { eventually } from '../../support/eventually';
import {
  type IntegrationBody,
  type Scene,
  sendWebhook,
  startScene,
} from '../../support/scenes/scene';
import { testWorkflowBundle } from '../../support/servers/workflow-bundle';

const old = sealingKey('old');
const next = sealingKey('next');
const patient = { timeoutMs: 90_000, everyMs: 100 };

let scene: Scene;
const running: (Gateway | WorkerProcess)[] = [];
const logged: string[] = [];
beforeAll(async () => {
  // Everybody knows the next key already; nobody seals with it yet.
  scene = await startScene({ config: { keys: [old, next] }, expiresIn: 6 });
}, 60_000);
afterAll(async () => {
  for (const one of running.splice(0).reverse()) await one.close();
  await scene.close();
});

const parts = (keys: (typeof old)[]) => {
  const log = createLog('info', { write: (line) => void logged.push(line) });
  const configuration = { providers: { acme: scene.provider.declaration } };
  return { config: { ...scene.system.config, keys }, options: { configuration, log } };
};

async function addWorker(...keys: (typeof old)[]): Promise<WorkerProcess> {
  const { config, options } = parts(keys);
  const worker = await startWorker(config, {
    ...options,
    workflowBundlePath: testWorkflowBundle(),
  });
  running.push(worker);
  return worker;
}

async function addGateway(...keys: (typeof old)[]): Promise<Gateway> {
  const { config, options } = parts(keys);
  const gateway = await startGateway(config, options);
  running.push(gateway);
  return gateway;
}

async function end(part: Gateway | WorkerProcess): Promise<void> {
  running.splice(running.indexOf(part), 1);
  await part.close();
}

async function tokenAt(gatewayUrl: string, id: string) {
  const answer = await fetch(`${gatewayUrl}/v1/integrations/${id}/token`, {
    headers: { authorization: `Bearer ${scene.system.config.apiKeys[0] ?? ''}` },
  });
  const body = (await answer.json()) as { accessToken: string; version: number };
  return { status: answer.status, ...body };
}

/** Webhooks and questions for tokens that live for seconds, one after the other, until it is ended. */
function traffic(gatewayUrl: () => string, integrations: readonly IntegrationBody[]) {
  const answers = new Set<number>();
  let sent = 0;
  const stopping = new AbortController();
  const ended = (async () => {
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      const integration = integrations[turn % integrations.length];
      if (integration === undefined) throw new Error('there is no integration');
      answers.add((await sendWebhook(gatewayUrl(), integration)).status);
      sent++;
      answers.add((await tokenAt(gatewayUrl(), integration.id)).status);
    }
  })();
  return {
    answers,
    sent: () => sent,
    end: () => {
      stopping.abort();
      return ended;
    },
  };
}

async function versions(): Promise<number[]> {
  const { rows } = await scene.system.pool.query<{ version: number }>(
    'SELECT version FROM credentials ORDER BY id',
  );
  return rows.map(({ version }) => version);
}

async function refreshedSince(before: number[]): Promise<void> {
  await eventually(async () => {
    const now = await versions();
    expect(now.filter((version, index) => version <= (before[index] ?? 0))).toEqual([]);
  }, patient);
}

test('keys are rotated one process at a time, under traffic, and the old one can go', async () => {
  const integrations: IntegrationBody[] = [];
  for (let made = 0; made < 12; made++) {
    integrations.push(await scene.connect({ expiresInMs: 6_000 }));
  }
  let gatewayUrl = scene.system.url;
  const load = traffic(() => gatewayUrl, integrations);

  // A worker with the new order beside one with the old one, and a gateway that seals with the old key.
  const worker = await addWorker(next, old);
  await refreshedSince(await versions());
  await scene.system.stopWorker();
  const gateway = await addGateway(next, old);
  gatewayUrl = gateway.url;
  const secondWorker = await addWorker(next, old);
  await refreshedSince(await versions());

  await eventually(async () => {
    expect((await openAll(scene.system.pool, [next])).keyIds).toEqual(new Set(['next']));
  }, patient);
  expect(await doctorSays()).toEqual([expect.stringMatching(/^Key old: .*may be removed/)]);

  // Without the old key, whatever is stored still opens.
  const lastWorker = await addWorker(next);
  await end(worker);
  await end(secondWorker);
  gatewayUrl = (await addGateway(next)).url;
  await refreshedSince(await versions());
  await load.end();

  expect(load.answers).toEqual(new Set([200, 202]));
  await eventually(() => expect(scene.destination.received).toHaveLength(load.sent()), patient);
  for (const { id } of integrations) {
    const { accessToken } = await tokenAt(gatewayUrl, id);
    const answer = await fetch(`${scene.provider.url}/me`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(answer.status).toBe(200);
    expect(await scene.show(id)).toMatchObject({ status: 'ENABLED', health: 'healthy' });
  }
  expect(scene.provider.reuses()).toBe(0);
  expect(logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  expect(logged.some((line) => line.includes('"event":"reencryption.ended"'))).toBe(true);
  await end(lastWorker);
}, 300_000);

async function doctorSays(): Promise<string[]> {
  const env = {
    DATABASE_URL: scene.system.config.databaseUrl,
    HOLDFAST_KEYS: [next, old].map(({ id, key }) => `${id}:${key.toString('base64')}`).join(','),
  };
  return (await checkKeys(parseConfig(env), env)).map(({ text }) => text);
}
