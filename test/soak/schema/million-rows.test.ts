import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { migrate } from '../../../src/db/migrate';
import { runMigrations } from '../../../src/db/migration-runner';
import { createLog } from '../../../src/lib/log';
import { earlierMigration } from '../../support/processes/earlier-version';
import { insertDelivery, insertIntegration } from '../../support/scenes/rows';
import { emptyDatabase, type TestDatabase } from '../../support/servers/database';

const all = path.join(__dirname, '../../../src/db/migrations');
const deliveries = 1_000_000;
const log = createLog('silent');
let db: TestDatabase;

beforeAll(async () => {
  db = await emptyDatabase();
  const dir = mkdtempSync(path.join(tmpdir(), 'holdfast-migrations-'));
  for (const file of readdirSync(all).filter((one) => path.parse(one).name <= earlierMigration))
    copyFileSync(path.join(all, file), path.join(dir, file));
  await runMigrations(db.url, dir, log);
  rmSync(dir, { recursive: true });
  const client = new pg.Client({ connectionString: db.url });
  await client.connect();
  // Triggers and foreign keys look at each row by itself.
  await client.query('SET session_replication_role = replica');
  await client.query(`
    INSERT INTO integrations (id, user_id, name, provider, status)
    SELECT 'int_' || n, 'user-' || n, 'crm', 'acme', 'ENABLED' FROM generate_series(0, 9999) n`);
  await client.query(
    `INSERT INTO deliveries (id, integration_id, claim, outcome, state, dedupe_hash, headers, body, ended_at)
     SELECT 'dlv_' || n, 'int_' || n % 10000, 'x', 'accepted',
            CASE WHEN n % 100 = 0 THEN 'failed' ELSE 'handled' END, sha256(n::text::bytea), '[]', '', now()
     FROM generate_series(1, $1::int) n`,
    [deliveries],
  );
  await client.end();
  await insertIntegration(db.pool, { id: 'int_live' });
}, 240_000);
afterAll(() => db.drop());

test(`what is newer than the release before is migrated over ${deliveries} deliveries, and no webhook waits for it`, async () => {
  const startedAt = performance.now();
  let isOver = false;
  let longestMs = 0;
  let stored = 0;
  const send = async () => {
    while (!isOver) {
      const askedAt = performance.now();
      await insertDelivery(db.pool, { integration_id: 'int_live' });
      longestMs = Math.max(longestMs, performance.now() - askedAt);
      stored++;
    }
  };
  const sender = send();
  await migrate(db.url, log);
  const tookMs = performance.now() - startedAt;
  isOver = true;
  await sender;
  console.info(
    `${Math.round(tookMs)} ms, ${stored} deliveries stored meanwhile, the longest in ${Math.round(longestMs)} ms`,
  );
  const { rows } = await db.pool.query<{ count: number }>(
    "SELECT count(*) FROM deliveries WHERE state = 'failed'",
  );
  expect(rows).toEqual([{ count: deliveries / 100 }]);
  // What rewrites or reads all rows under a lock takes as long as the migration itself.
  expect(longestMs).toBeLessThan(2_000);
}, 120_000);
