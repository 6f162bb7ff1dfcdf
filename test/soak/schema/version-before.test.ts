import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parseConfig } from '../../../src/config';
import { runMigrations } from '../../../src/db/migration-runner';
import { createLog } from '../../../src/lib/log';
import { type Destination, startDestination } from '../../support/doubles/destination';
import { type OAuthServer, startOAuthServer } from '../../support/doubles/oauth-server';
import { eventually } from '../../support/eventually';
import { createPace } from '../../support/pace';
import { buildEarlier, earlierMigration } from '../../support/processes/earlier-version';
import { holdfast } from '../../support/processes/holdfast';
import { createProcesses, type ProcessStarter } from '../../support/processes/processes';
import { startGateways } from '../../support/processes/start-gateways';
import { type IntegrationBody, sendWebhook } from '../../support/scenes/scene';
import { emptyDatabase, type TestDatabase } from '../../support/servers/database';
import { shortPolls, startOwnTemporal } from '../../support/servers/own-temporal';

const lanes = 4;
const perSecond = 20;
const apiKey = 'an-api-key-of-the-tests-with-more-than-32-characters';

const releases: (() => Promise<unknown>)[] = [];
let db: TestDatabase;
let destination: Destination;
let provider: OAuthServer;
let before: ProcessStarter;
let after: ProcessStarter;

beforeAll(async () => {
  const earlier = await buildEarlier();
  const temporal = await startOwnTemporal(shortPolls);
  releases.push(() => temporal.close());
  db = await emptyDatabase();
  releases.push(() => db.drop());
  const migrations = await runMigrations(db.url, earlier.migrations, createLog('silent'));
  expect(migrations.at(-1)).toBe(earlierMigration);
  destination = await startDestination();
  releases.push(() => destination.close());
  provider = await startOAuthServer();
  releases.push(() => provider.close());
  const config = parseConfig({
    DATABASE_URL: db.url,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    HOLDFAST_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    HOLDFAST_API_KEYS: apiKey,
    HOLDFAST_SWEEP_SECONDS: '1',
  });
  const providers = { acme: provider.declaration };
  before = createProcesses(config, providers, '{}', earlier.cli);
  after = createProcesses(config, providers);
  releases.push(() => Promise.all([before.close(), after.close()]));
}, 240_000);
afterAll(async () => {
  for (const release of releases.reverse()) await release();
});

async function api<T>(url: string, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text === '' ? null : JSON.parse(text)) as T;
}

const connect = (url: string, name: string) =>
  api<IntegrationBody>(url, 'POST', '/v1/integrations', {
    ...{ userId: 'user-1', name, provider: 'acme', destination: { url: destination.url } },
    credentials: { main: provider.grant() },
  });
const show = (url: string, id: string) =>
  api<IntegrationBody>(url, 'GET', `/v1/integrations/${id}`);
const until = (url: string, id: string, status: string) =>
  eventually(async () => expect(await show(url, id)).toMatchObject({ status }), {
    timeoutMs: 30_000,
  });

/** An actor that is slow to answer, as while its worker is replaced, is asked again. */
const reject = (url: string, id: string, version: number) =>
  eventually(() => api(url, 'POST', `/v1/integrations/${id}/token/reject`, { version }), {
    timeoutMs: 30_000,
  });

/** What an integration lives through in an hour or a year: tokens renewed, dead, and given anew; switched off and on. */
async function live(url: string, name: string): Promise<void> {
  const { id } = await connect(url, name);
  await reject(url, id, 1);
  await eventually(
    async () => expect((await show(url, id)).credentials[0]).toMatchObject({ version: 2 }),
    { timeoutMs: 30_000 },
  );
  await api(url, 'POST', `/v1/integrations/${id}/disable`, {});
  await api(url, 'POST', `/v1/integrations/${id}/enable`, {});
  await until(url, id, 'ENABLED');
  await api(url, 'DELETE', `/v1/integrations/${id}`);

  const { id: dying } = await connect(url, `${name}, dying`);
  provider.revokeAll();
  // It is refused, for that is what it finds out.
  await api(url, 'POST', `/v1/integrations/${dying}/token/reject`, { version: 1 }).catch(
    () => undefined,
  );
  await until(url, dying, 'ERROR');
  await api(url, 'PUT', `/v1/integrations/${dying}/credentials/main`, provider.grant());
  await until(url, dying, 'ENABLED');
  await api(url, 'DELETE', `/v1/integrations/${dying}`);
}

/**
 * Two that are no fault of the schema, and are tried again: a drain began while its integration was deleted; the new
 * worker's comparison, which the version before doesn't have, came to the old worker.
 */
const expected =
  /violates foreign key constraint \\+"drain_leases_integration_id_fkey|compareActors is not registered/;

/** Lines that say that something has to be done, or that a statement doesn't fit the schema. */
const complaints = (output: string) =>
  output
    .split('\n')
    .filter(
      (line) =>
        line.includes('"level":"error"') ||
        /(column|relation|function) \\?".*does not exist|violates .* constraint/.test(line),
    )
    .filter((line) => !expected.test(line));

test(`gateway and worker of the version before run on while the schema is migrated beneath them under ${perSecond} webhooks/s, and until the new ones take over: nothing is lost, the order is kept`, async () => {
  const [oldGateway] = await startGateways(before, 1);
  const oldWorker = before.start('worker');
  if (oldGateway === undefined) throw new Error('no gateway');
  let urls = [oldGateway.url];
  const integrations = await Promise.all(
    Array.from({ length: lanes }, (_, lane) => connect(oldGateway.url, `lane-${lane}`)),
  );
  const answered = new Map(integrations.map(({ id }) => [id, [] as string[]]));
  const startedAt = Date.now();
  let over = false;
  let longestMs = 0;
  const turn = createPace(perSecond);
  const send = async (to: IntegrationBody, lane: number) => {
    for (let sent = 0; !over; sent++) {
      await turn(sent * lanes + lane);
      const id = `msg_${to.id}_${sent}`;
      for (let attempt = 0; ; attempt++) {
        const askedAt = performance.now();
        const url = urls[(sent + attempt) % urls.length] ?? '';
        const answer = await sendWebhook(url, to, { id }).catch(() => null);
        longestMs = Math.max(longestMs, performance.now() - askedAt);
        if (answer?.status === 202) {
          answered.get(to.id)?.push(answer.id);
          break;
        }
        await delay(100);
      }
    }
  };
  const senders = integrations.map(send);

  await live(oldGateway.url, 'on the old schema');
  const migration = holdfast(['migrate'], { cwd: '/', env: { DATABASE_URL: db.url } });
  expect({ code: await migration.ended, output: migration.output() }).toMatchObject({ code: 0 });
  await live(oldGateway.url, 'on the new schema');
  // One after the other, as a rolling deploy does.
  const [newGateway] = await startGateways(after, 1);
  if (newGateway === undefined) throw new Error('no gateway');
  urls = [oldGateway.url, newGateway.url];
  await live(newGateway.url, 'with the old worker');
  const newWorker = after.start('worker');
  await eventually(() => expect(newWorker.output()).toContain('worker.running'), {
    timeoutMs: 30_000,
  });
  await live(oldGateway.url, 'with both');
  urls = [newGateway.url];
  await oldGateway.process.stop();
  await oldWorker.stop();
  await live(newGateway.url, 'with the new ones');
  over = true;
  await Promise.all(senders);

  const all = [...answered.values()].flat();
  await eventually(
    async () => {
      const { rows } = await db.pool.query<{ id: string }>(
        "SELECT id FROM deliveries WHERE state <> 'handled' AND integration_id = ANY ($1)",
        [[...answered.keys()]],
      );
      expect(rows).toEqual([]);
    },
    { timeoutMs: 90_000, everyMs: 200 },
  );
  for (const { id } of integrations) {
    const mine = destination.received.filter(
      ({ headers }) => headers['holdfast-integration'] === id,
    );
    expect([...new Set(mine.map((one) => one.id))]).toEqual(answered.get(id));
    const sequences = mine.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
  }
  const olds = oldGateway.process.output() + oldWorker.output();
  expect(complaints(olds)).toEqual([]);
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  console.info(
    `${all.length} webhooks in ${seconds} s, the longest answer ${Math.round(longestMs)} ms`,
  );
  await newGateway.process.stop();
  await newWorker.stop();
}, 300_000);
