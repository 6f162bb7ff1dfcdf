import { createPool, type Pool, type Queryable } from '../../../src/db/pool';
import { listRejections } from '../../../src/db/queries/deliveries/rejections';
import { createSenderOf } from '../../../src/gateway/http/sender';
import { createRejectionLog } from '../../../src/gateway/webhooks/rejection-log';
import { createLog } from '../../../src/lib/log';
import { eventually } from '../../support/eventually';
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
  await eventually(() => expect(lines.join()).toContain('could not be kept'));
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
