import { storedFindings } from '../../src/doctor/check-webhooks';
import { openRegistry } from '../support/connections';
import { insertIntegration } from '../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../support/servers/database';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const registry = openRegistry({ providers: { acme: { webhook: { scheme: 'github' } } } });

test('S44 the doctor lists claims that get nothing, those that nobody can tell, and short secrets', async () => {
  expect(await storedFindings(db.pool, registry)).toEqual([]);
  const users = ['prover', 'claimant', 'older', 'alone'];
  for (const user of users) {
    await insertIntegration(db.pool, { id: `int_${user}`, user_id: user, name: 'n' });
    await db.pool.query(
      `INSERT INTO credentials (id, user_id, provider, state, account_id, account_proven, account_from_before)
       VALUES ($1, $2, 'acme', 'alive', $3, $4, $5)`,
      [`crd_${user}`, user, user === 'alone' ? 'b' : 'a', user === 'prover', user === 'older'],
    );
    await db.pool.query(
      "INSERT INTO integration_credentials (integration_id, name, credential_id) VALUES ($1, 'main', $2)",
      [`int_${user}`, `crd_${user}`],
    );
  }
  await db.pool.query(
    `INSERT INTO integration_secrets (id, integration_id, purpose, secret, length) VALUES
       ('sec_1', 'int_alone', 'webhook', 'x', 15), ('sec_2', 'int_alone', 'webhook', 'x', 16),
       ('sec_3', 'int_alone', 'webhook', 'x', NULL), ('sec_4', 'int_alone', 'destination', 'x', 8)`,
  );
  const found = await storedFindings(db.pool, registry);
  expect(found.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^Webhook secrets of integrations: 1 have less than 16 bytes/),
    expect.stringMatching(/^Accounts: 1 integrations \(int_claimant\) .* get no events/),
    expect.stringMatching(/^Accounts: 1 integrations \(int_older\) .* nobody knows/),
  ]);
  expect(found.every(({ warns }) => warns)).toBe(true);
});
