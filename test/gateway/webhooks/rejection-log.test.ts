import { createPool, type Pool, type Queryable } from '../../../src/db/pool';
import { listRejections } from '../../../src/db/queries/deliveries/rejections';
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
  await insertIntegrations(db.pool, 2, { id: sql("'int_' || n") });
});
afterAll(async () => {
  await away.end();
  await db.drop();
});

const rejected = (integrationId: string, sourceAddress: string) => ({
  ...{ of: { integrationId }, reason: 'wrong_signature', sourceAddress, sizeBytes: 1 },
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
