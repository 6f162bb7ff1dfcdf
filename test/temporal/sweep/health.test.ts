import { createLog } from '../../../src/lib/log';
import { createIsLate } from '../../../src/temporal/sweep/health';
import { testDatabase, type TestDatabase } from '../../support/servers/database';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

test('a sweep is late once the first could have ended, and as late as it was while Postgres can not tell', async () => {
  let now = 0;
  const isLate = createIsLate(
    { db: db.pool, sweepSeconds: 1, log: createLog('silent') },
    () => now,
  );
  await db.pool.query("UPDATE sweep_state SET last_at = now() - interval '1 hour'");
  expect(await isLate()).toBe(false);
  now += 31_000;
  expect(await isLate()).toBe(true);
  await db.pool.query('ALTER TABLE sweep_state RENAME TO away');
  expect(await isLate()).toBe(true);
  await db.pool.query('ALTER TABLE away RENAME TO sweep_state');
  await db.pool.query('UPDATE sweep_state SET last_at = now()');
  expect(await isLate()).toBe(false);
  await db.pool.query('ALTER TABLE sweep_state RENAME TO away');
  expect(await isLate()).toBe(false);
});
