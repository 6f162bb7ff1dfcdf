import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runner } from 'node-pg-migrate';
import { emptyDatabase, testDatabase, type TestDatabase } from '../support/servers/database';

const dir = path.join(__dirname, '../../src/db/migrations');
let db: TestDatabase;
beforeAll(async () => {
  db = await emptyDatabase();
  const logger = { debug: () => 0, info: () => 0, warn: () => 0, error: () => 0 };
  await runner({
    ...{ databaseUrl: db.url, dir, direction: 'up', migrationsTable: 'migrations', count: 15 },
    ...{ singleTransaction: true, logger },
  });
});
afterAll(() => db.drop());

test('S44 of accounts from before it was noted who named them, a label tells; nobody else is shut out', async () => {
  await db.pool.query(
    `UPDATE migrations SET run_on = now() - interval '30 days' WHERE name = '0015_credential_truth'`,
  );
  const row = (id: string, fields: { label?: string; days: number; external?: boolean }) =>
    db.pool.query(
      `INSERT INTO credentials (id, user_id, provider, state, account_id, account_label, external, created_at)
       VALUES ($1, 'u', 'acme', 'alive', 'a', $2, $3, now() - $4::int * interval '1 day')`,
      [id, fields.label ?? null, fields.external ?? false, fields.days],
    );
  await row('labelled', { label: 'ada@acme.example', days: 40 });
  await row('old', { days: 40 });
  await row('kept elsewhere', { days: 40, external: true });
  await row('given since', { days: 20 });
  await db.pool.query(readFileSync(path.join(dir, '0016_isolation.sql'), 'utf8'));
  // As a process of the version before stores tokens that it is given.
  await db.pool.query(
    `UPDATE credentials SET account_proven = false, account_id = coalesce('a', account_id)
     WHERE id IN ('labelled', 'given since')`,
  );
  const { rows } = await db.pool.query<{ id: string; proven: boolean; before: boolean }>(
    `SELECT id, account_proven AS proven, account_from_before AS before FROM credentials ORDER BY id`,
  );
  expect(rows).toEqual([
    { id: 'given since', proven: false, before: false },
    { id: 'kept elsewhere', proven: false, before: false },
    { id: 'labelled', proven: true, before: false },
    { id: 'old', proven: false, before: true },
  ]);
});

test('S44 processes of the version before may write for a day, where there were any', async () => {
  const isLater = async (pool: TestDatabase['pool']) => {
    const { rows } = await pool.query<{ later: boolean }>(
      `SELECT older_until > now() + interval '23 hours' AS later FROM installation`,
    );
    return rows[0]?.later;
  };
  expect(await isLater(db.pool)).toBe(true);
  const fresh = await testDatabase();
  expect(await isLater(fresh.pool)).toBe(false);
  await fresh.drop();
});
