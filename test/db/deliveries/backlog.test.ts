import { readBacklog } from '../../../src/db/queries/deliveries/backlog';
import { inTransaction } from '../../../src/db/transaction';
import { insertDeliveries, insertHold, insertIntegration, sql } from '../../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../../support/servers/database';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterEach(() => db.pool.query('TRUNCATE integrations, holds CASCADE'));
afterAll(() => db.drop());

const countAtMost = 1_000;
const backlog = () => inTransaction(db.pool, (client) => readBacklog(client, countAtMost));

test('counting stops, and an integration that keeps more than is counted hides no other', async () => {
  await insertIntegration(db.pool, { id: 'int_a', status: 'ERROR' });
  await insertIntegration(db.pool, { id: 'int_b' });
  await insertDeliveries(db.pool, countAtMost + 10, { integration_id: 'int_a' });
  await insertDeliveries(db.pool, 2, { integration_id: 'int_b' });
  expect(await backlog()).toMatchObject({ parked: countAtMost, due: 2 });
});

test('what was parked is due since its integration is ENABLED, and not for the hours before', async () => {
  const at = (seconds: number) => new Date(1_700_000_000_000 + seconds * 1_000);
  await insertIntegration(db.pool, { id: 'int_back' });
  await insertDeliveries(db.pool, 1, {
    integration_id: 'int_back',
    received_at: sql('to_timestamp(1700000010)'),
  });
  const enabledAt = (seconds: number) =>
    db.pool.query('UPDATE integrations SET status_since = $1', [at(seconds)]);
  await enabledAt(0);
  expect(await backlog()).toMatchObject({ oldestDueAt: at(10), oldestParkedAt: null });
  await enabledAt(7_200);
  expect(await backlog()).toMatchObject({ oldestDueAt: at(7_200), oldestParkedAt: null });
  await insertHold(db.pool);
  expect(await backlog()).toMatchObject({ oldestDueAt: null, oldestParkedAt: at(10) });
});
