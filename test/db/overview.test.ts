import { countedAtMost, readBacklog } from '../../src/db/queries/overview';
import { inTransaction } from '../../src/db/transaction';
import { insertDeliveries, insertIntegration } from '../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../support/servers/database';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

test('counting stops, and an integration that keeps more than is counted hides no other', async () => {
  await insertIntegration(db.pool, { id: 'int_a', status: 'ERROR' });
  await insertIntegration(db.pool, { id: 'int_b' });
  await insertDeliveries(db.pool, countedAtMost.others + 10, { integration_id: 'int_a' });
  await insertDeliveries(db.pool, 2, { integration_id: 'int_b' });
  expect(await inTransaction(db.pool, readBacklog)).toMatchObject({
    ...{ parked: countedAtMost.others, due: 2, deadLetters: 0 },
  });
});
