import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../support/eventually';
import { createPace } from '../../support/pace';
import { freePort } from '../../support/processes/free-port';
import {
  type KillableTemporal,
  startKillableTemporal,
} from '../../support/servers/killable-temporal';
import {
  createProcesses,
  type HoldfastProcess,
  type ProcessStarter,
} from '../../support/processes/processes';
import { seededRandom } from '../../support/random';
import {
  type IntegrationBody,
  type Scene,
  sendWebhook,
  startScene,
} from '../../support/scenes/scene';

/** How often each of the three is killed; more by hand than in every run. */
const rounds = Number(process.env['HOLDFAST_TEST_KILL_ROUNDS'] ?? 2);
const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Date.now() % 1_000_000);
const perSecond = 300;
const lanes = 10;

let temporal: KillableTemporal;
let scene: Scene;
let processes: ProcessStarter;
let gatewayUrl: string;
const port = freePort();

beforeAll(async () => {
  temporal = await startKillableTemporal();
  scene = await startScene({ temporal, withoutWorker: true, config: { sweepSeconds: 1 } });
  const gatewayPort = await port;
  gatewayUrl = `http://127.0.0.1:${gatewayPort}`;
  const config = { ...scene.system.config, port: gatewayPort };
  processes = createProcesses(config, { acme: scene.provider.declaration });
}, 60_000);
afterAll(async () => {
  await processes.close();
  await scene.close();
  await temporal.close();
});

/** Sends one after the other, each until it is answered 2xx, as a sender does. */
async function sendUntil(
  to: IntegrationBody,
  isOver: () => boolean,
  answered: string[],
): Promise<void> {
  const turn = createPace(perSecond / lanes);
  for (let sent = 0; !isOver(); sent++) {
    await turn(sent);
    const id = `msg_${to.id}_${sent}`;
    for (;;) {
      const answer = await sendWebhook(gatewayUrl, to, { id }).catch(() => null);
      if (answer?.status === 202) {
        answered.push(answer.id);
        break;
      }
      await delay(100);
    }
  }
}

test(`S26 S42 gateway, worker and Temporal killed ${rounds} times each under load: what was answered is what is stored, all of it is handled, in order (seed ${seed})`, async () => {
  const random = seededRandom(seed);
  let gateway = processes.start('gateway');
  let worker = processes.start('worker');
  await eventually(async () => expect((await fetch(`${gatewayUrl}/healthz`)).status).toBe(200), {
    timeoutMs: 30_000,
  });
  const integrations = await Promise.all(Array.from({ length: lanes }, () => scene.connect()));
  const answered = new Map(integrations.map(({ id }) => [id, [] as string[]]));
  let over = false;
  const senders = integrations.map((one) => sendUntil(one, () => over, answered.get(one.id) ?? []));

  const again = async (one: HoldfastProcess, command: 'gateway' | 'worker') => {
    await one.kill();
    return processes.start(command);
  };
  const kills = {
    gateway: async () => {
      gateway = await again(gateway, 'gateway');
    },
    worker: async () => {
      worker = await again(worker, 'worker');
    },
    temporal: async () => {
      await temporal.kill();
      await temporal.start();
    },
  };
  const order = Object.values(kills)
    .flatMap((kill) => Array.from({ length: rounds }, () => ({ kill, place: random() })))
    .sort((a, b) => a.place - b.place);
  for (const { kill } of order) {
    await delay(500 + 2_500 * random());
    await kill();
  }
  await delay(1_000);
  over = true;
  await Promise.all(senders);

  const stored = async (where = '') =>
    (await scene.system.pool.query<{ id: string }>(`SELECT id FROM deliveries ${where}`)).rows.map(
      ({ id }) => id,
    );
  const all = [...answered.values()].flat();
  expect(new Set(await stored())).toEqual(new Set(all));
  await eventually(async () => expect(await stored("WHERE state <> 'handled'")).toEqual([]), {
    timeoutMs: 180_000,
    everyMs: 500,
  });

  for (const { id } of integrations) {
    const mine = scene.destination.received.filter(
      ({ headers }) => headers['holdfast-integration'] === id,
    );
    const sequences = mine.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    expect([...new Set(mine.map((one) => one.id))]).toEqual(answered.get(id));
  }
  const { rows } = await scene.system.pool.query<{ count: number }>(
    'SELECT count(*)::int FROM (SELECT 1 FROM delivery_attempts GROUP BY delivery_id HAVING count(*) > 1) repeated',
  );
  expect(rows).toEqual([{ count: 0 }]);
  const repeats = scene.destination.received.length - all.length;
  console.info(`${all.length} webhooks answered and handled; ${repeats} sent twice`);
  await Promise.all([gateway.stop(), worker.stop()]);
}, 600_000);
