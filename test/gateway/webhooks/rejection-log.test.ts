import { createPool, type Pool, type Queryable } from '../../../src/db/pool';
import { listRejections } from '../../../src/db/queries/deliveries/rejections';
import { createSenderOf } from '../../../src/gateway/http/sender';
import { createRejectionLog } from '../../../src/gateway/webhooks/rejection-log';
import { createLog } from '../../../src/lib/log';
import { eventually } from '../../support/eventually';
import { linesOf } from '../../support/log-events';
import { insertIntegrations, sql } from '../../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../../support/servers/database';

const lines: string[] = [];
const log = createLog('warn', { write: (line) => lines.push(line) });
let db: TestDatabase;
let away: Pool;
beforeAll(async () => {
  db = await testDatabase();
  away = createPool('postgres://nobody@127.0.0.1:1/none', createLog('silent'));
  await insertIntegrations(db.pool, 4, { id: sql("'int_' || n") });
});
afterAll(async () => {
  await away.end();
  await db.drop();
});

const senderOf = createSenderOf([]);
const rejected = (integrationId: string, address: string) => ({
  ...{ of: { integrationId }, reason: 'wrong_signature', sender: senderOf(address), sizeBytes: 1 },
});

const list = (integrationId: string) =>
  listRejections(db.pool, { integrationId }, { limit: 10_000, after: null });

test('S20 every rejection of a flood is counted, from however many sources', async () => {
  const rejections = createRejectionLog(db.pool, log);
  for (let n = 0; n < 30_000; n++) rejections.add(rejected('int_1', `192.0.2.${n % 1_000}`));
  await rejections.close();
  const rows = await list('int_1');
  expect(rows.length).toBeLessThanOrEqual(51);
  expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(30_000);
});

test('what could not be written while the database was away is written later, with its time', async () => {
  let pool = away;
  const connection: Queryable = {
    get query() {
      const now = pool;
      return now.query.bind<Queryable['query']>(now);
    },
  };
  const rejections = createRejectionLog(connection, log);
  rejections.add(rejected('int_2', '192.0.2.1'));
  await eventually(() => expect(lines.join()).toContain('webhook.rejections_not_stored'));
  const failedAt = Date.now();
  rejections.add(rejected('int_2', '192.0.2.1'));
  pool = db.pool;
  await eventually(async () => expect(await list('int_2')).toMatchObject([{ count: 2 }]));
  await rejections.close();
  const [row] = await list('int_2');
  expect(Number(row?.firstAt)).toBeLessThanOrEqual(failedAt);
});

test('S20 the addresses of one IPv6 /64 are one source, shown by the last one', async () => {
  const rejections = createRejectionLog(db.pool, log);
  for (let n = 0; n < 200; n++) rejections.add(rejected('int_3', `2001:db8:1:2::${n}`));
  rejections.add(rejected('int_3', '2001:db8:1:3::1'));
  await rejections.close();
  const rows = await list('int_3');
  expect(rows.map(({ sourceAddress, count }) => [sourceAddress, count]).sort()).toEqual([
    ['2001:db8:1:2::199', 200],
    ['2001:db8:1:3::1', 1],
  ]);
});

test('S20 a source is not taken for further ones once those that waited before are written', async () => {
  const written: (string | null)[] = [];
  const connection = {
    query: (_text: string, values: (string | null)[][]) => {
      written.push(...(values[6] ?? []));
      return Promise.resolve({ rows: [] });
    },
  } as unknown as Queryable;
  const rejections = createRejectionLog(connection, log);
  // More than a statement takes: there is always something that waits.
  for (let n = 0; n < 700; n++) rejections.add(rejected(`int_${n}`, '192.0.2.1'));
  for (let n = 0; n < 100; n++) rejections.add(rejected('int_700', `198.51.100.${n}`));
  await eventually(() => expect(written.length).toBe(500));
  for (let n = 0; n < 500; n++) rejections.add(rejected(`other_${n}`, '192.0.2.1'));
  await eventually(() => expect(written.length).toBe(1_000));
  rejections.add(rejected('int_700', '203.0.113.1'));
  await rejections.close();
  expect(written).toContain('203.0.113.1');
});

test('rejections have one line for an integration and a reason at once, then one a minute with their count', async () => {
  const nowhere: Queryable = { query: () => Promise.resolve({ rows: [] }) } as unknown as Queryable;
  jest.useFakeTimers();
  try {
    const said: string[] = [];
    const write = createLog('warn', { write: (line) => said.push(line) });
    const rejections = createRejectionLog(nowhere, write);
    const add = (integrationId: string, reason: string, times: number) => {
      for (let time = 0; time < times; time++) {
        const sender = { address: `192.0.2.${time % 200}`, key: '' };
        rejections.add({ of: { integrationId }, reason, sender, sizeBytes: 1 });
      }
    };
    add('int_1', 'wrong_signature', 94_000);
    add('int_1', 'stale_timestamp', 1);
    expect(linesOf(said, 'webhook.rejected')).toMatchObject([
      { level: 'warn', integrationId: 'int_1', reason: 'wrong_signature', count: 1 },
      { integrationId: 'int_1', reason: 'stale_timestamp', count: 1 },
    ]);
    jest.advanceTimersByTime(60_000);
    add('int_1', 'wrong_signature', 5);
    jest.advanceTimersByTime(180_000);
    expect(linesOf(said, 'webhook.rejected').slice(2)).toMatchObject([
      { reason: 'wrong_signature', count: 93_999, sourceAddress: expect.any(String) as unknown },
      { reason: 'wrong_signature', count: 5 },
    ]);

    said.length = 0;
    for (let number = 0; number < 10_000; number++) add(`int_${number}`, 'wrong_signature', 2);
    await rejections.close();
    const lines = linesOf(said, 'webhook.rejected');
    expect(lines.length).toBeLessThanOrEqual(402);
    expect(lines.reduce((sum, { count }) => sum + Number(count), 0)).toBe(20_000);
    expect(lines).toContainEqual(expect.objectContaining({ integrationId: null }));
  } finally {
    jest.useRealTimers();
  }
});
