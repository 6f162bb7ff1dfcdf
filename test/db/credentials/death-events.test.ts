import { createPool, type Pool } from '../../../src/db/pool';
import { hastenQuestions } from '../../../src/db/queries/credentials/death-events';
import { createLog } from '../../../src/lib/log';
import { insertCredential, insertIntegration } from '../../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../../support/servers/database';

let db: TestDatabase;
let other: Pool;
beforeAll(async () => {
  db = await testDatabase();
  other = createPool(db.url, createLog('silent'));
  await insertIntegration(db.pool, { id: 'int_1', provider: 'acme' });
  await insertCredential(db.pool, { id: 'crd_1', provider: 'acme' });
  await db.pool.query(
    `INSERT INTO integration_credentials (integration_id, name, credential_id)
     VALUES ('int_1', 'main', 'crd_1')`,
  );
});
afterAll(async () => {
  await other.end();
  await db.drop();
});

test('events that come to several gateways at the same time have a grant asked about once', async () => {
  const rounds = Array.from({ length: 20 }, (_, n) =>
    hastenQuestions(n % 2 === 0 ? db.pool : other, ['int_1'], ['acme']),
  );
  expect((await Promise.all(rounds)).flat()).toMatchObject([{ id: 'crd_1' }]);
  await db.pool.query(`UPDATE credentials SET death_event_at = now() - interval '61 s'`);
  expect(await hastenQuestions(other, ['int_1'], ['acme'])).toHaveLength(1);
  expect(await hastenQuestions(db.pool, ['int_1'], ['acme'])).toHaveLength(0);
});
