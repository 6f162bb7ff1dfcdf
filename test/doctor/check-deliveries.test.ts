import { checkDeliveries } from '../../src/doctor/check-deliveries';
import { insertDeliveries, insertIntegration, sql } from '../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../support/servers/database';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const lines = async () =>
  (await checkDeliveries(db.runUrl)).map(({ warns, text }) => `${warns ? 'warn' : 'ok'} ${text}`);

test('it says how large the database is and what waits; a warning where that is late', async () => {
  const size = expect.stringMatching(/^ok Database: [1-9]\d* MiB$/) as unknown;
  expect(await lines()).toEqual([size, 'ok Deliveries: 0 due; 0 parked']);
  const since = sql("now() - interval '1 hour'");
  await insertIntegration(db.pool, { id: 'int_on' });
  await insertIntegration(db.pool, { id: 'int_off', status: 'ERROR' });
  await db.pool.query("UPDATE integrations SET status_since = now() - interval '1 day'");
  await insertDeliveries(db.pool, 3, { integration_id: 'int_off', received_at: since });
  await insertDeliveries(db.pool, 2, { integration_id: 'int_on', received_at: sql('now()') });
  expect(await lines()).toEqual([
    size,
    expect.stringMatching(/^ok Deliveries: 2 due, the oldest for \d s; 3 parked$/),
  ]);
  await db.pool.query('UPDATE deliveries SET received_at = $1 WHERE integration_id = $2', [
    new Date(Date.now() - 400_000),
    'int_on',
  ]);
  expect(await lines()).toEqual([
    size,
    'warn Deliveries: 2 due, the oldest for 7 min; 3 parked. "holdfast status" says which destinations fail',
  ]);
});

test('a server that does not answer is another line', async () => {
  expect(await checkDeliveries(undefined)).toEqual([]);
  expect(await checkDeliveries('postgres://nobody@127.0.0.1:1/none')).toEqual([]);
});
