import { insertRejections } from '../../../src/db/queries/deliveries/rejections';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { insertIntegrations, sql } from '../../support/scenes/rows';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
  await insertIntegrations(db.pool, 3, { id: sql("'int_' || n") });
});
afterAll(() => db.drop());

const rejections = (integrationId: string, reason: string, count: number) =>
  Array.from({ length: count }, () => ({
    ...{ integrationId, provider: null, account: null, reason },
    ...{ sourceAddress: '127.0.0.1', sizeBytes: 1 },
  }));

const reasons = async () =>
  (
    await db.pool.query<{ id: string; reason: string; count: number }>(
      `SELECT integration_id AS id, reason, count(*) FROM rejections
       GROUP BY integration_id, reason ORDER BY integration_id, reason`,
    )
  ).rows;

test('of each integration the newest thousand are kept', async () => {
  await insertRejections(db.pool, rejections('int_1', 'a-oldest', 30));
  await insertRejections(db.pool, rejections('int_1', 'b-older', 960));
  await insertRejections(db.pool, rejections('int_2', 'other', 990));
  expect(await reasons()).toMatchObject([{ count: 30 }, { count: 960 }, { count: 990 }]);

  await insertRejections(db.pool, [
    ...rejections('int_1', 'c-newest', 25),
    ...rejections('int_2', 'newest', 5),
    ...rejections('int_3', 'first', 1),
    ...rejections('int_gone', 'nobody', 1),
  ]);
  expect(await reasons()).toEqual([
    { id: 'int_1', reason: 'a-oldest', count: 15 },
    { id: 'int_1', reason: 'b-older', count: 960 },
    { id: 'int_1', reason: 'c-newest', count: 25 },
    { id: 'int_2', reason: 'newest', count: 5 },
    { id: 'int_2', reason: 'other', count: 990 },
    { id: 'int_3', reason: 'first', count: 1 },
  ]);
});
