import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PoolClient } from 'pg';
import { runMigrations } from '../../src/db/migration-runner';
import { createLog } from '../../src/lib/log';
import { eventually } from '../support/eventually';
import { linesOf } from '../support/log-events';
import { emptyDatabase, type TestDatabase } from '../support/servers/database';

const dir = mkdtempSync(path.join(tmpdir(), 'holdfast-migrations-'));
const lines: string[] = [];
const log = createLog('debug', { write: (line) => void lines.push(line) });
let db: TestDatabase;

const migration = (name: string, sql: string) =>
  writeFileSync(path.join(dir, `${name}.sql`), `-- Up Migration\n${sql}\n`);
const patience = { lockTimeoutMs: 300, pauseMs: 200, tries: 100 };
const migrated = async () =>
  (await db.pool.query<{ name: string }>('SELECT name FROM migrations')).rows.map(
    (row) => row.name,
  );
const columns = async () =>
  (
    await db.pool.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = 'webhooks'::regclass AND attnum > 0`,
    )
  ).rows.map(({ name }) => name);

beforeAll(async () => {
  db = await emptyDatabase();
  migration('0001_webhooks', 'CREATE TABLE webhooks (n int); CREATE TABLE others (n int);');
  await runMigrations(db.url, dir, log);
});
afterAll(async () => {
  await db.drop();
  rmSync(dir, { recursive: true });
});

/** Reads the table, and doesn't end: as a backup does. */
async function reader(): Promise<PoolClient> {
  const client = await db.pool.connect();
  await client.query(`SET application_name = 'pg_dump'; BEGIN; SELECT FROM webhooks`);
  return client;
}
async function end(client: PoolClient): Promise<void> {
  await client.query('ROLLBACK');
  client.release(true);
}

test('a migration waits for a locked table in short tries, between which webhooks are stored, and is done once it is free', async () => {
  migration('0002_more', 'CREATE TABLE more (n int);');
  migration('0003_column', 'ALTER TABLE webhooks ADD COLUMN m int;');
  const holder = await reader();
  const done = runMigrations(db.url, dir, log, patience);
  let longestMs = 0;
  const insert = async () => {
    const startedAt = performance.now();
    await db.pool.query('INSERT INTO webhooks (n) VALUES (1)');
    longestMs = Math.max(longestMs, performance.now() - startedAt);
  };
  try {
    await eventually(
      async () => {
        await insert();
        expect(linesOf(lines, 'migration.waiting').length).toBeGreaterThan(3);
      },
      { everyMs: 1 },
    );
    // Between two tries nothing is half done.
    expect(await migrated()).toEqual(['0001_webhooks']);
  } finally {
    await end(holder);
  }
  expect(await done).toEqual(['0002_more', '0003_column']);
  expect(await columns()).toEqual(['n', 'm']);
  const [line] = linesOf(lines, 'migration.waiting');
  expect(line).toMatchObject({ migration: '0003_column', attempt: 1, tries: 100 });
  expect(JSON.stringify(line)).toMatch(/pg_dump \(process \d+, for \d+ s\)/);
  // It did wait behind the migration, and no longer than that was given.
  expect(longestMs).toBeGreaterThan(patience.lockTimeoutMs / 2);
  expect(longestMs).toBeLessThan(patience.lockTimeoutMs * 5);
});

test('where the table is never free the migration fails with who uses it and what to do, and nothing of it is done', async () => {
  migration(
    '0004_both',
    'ALTER TABLE others ADD COLUMN m int; ALTER TABLE webhooks DROP COLUMN m;',
  );
  const holder = await reader();
  try {
    await expect(
      runMigrations(db.url, dir, log, { ...patience, pauseMs: 10, tries: 2 }),
    ).rejects.toMatchObject({
      code: 'database_unavailable',
      message: expect.stringMatching(
        /^The migration 0004_both .*pg_dump \(process \d+, for \d+ s\)\. Nothing of it was done\. .*pg_terminate_backend.*"holdfast migrate" again/s,
      ) as string,
    });
    await db.pool.query(`SET lock_timeout = '1s'; INSERT INTO others (n) VALUES (1)`);
  } finally {
    await end(holder);
  }
  expect(await columns()).toEqual(['n', 'm']);
  expect((await migrated()).at(-1)).toBe('0003_column');
  expect(await runMigrations(db.url, dir, log, patience)).toEqual(['0004_both']);
});

test('one that waits for another migration has no such limit', async () => {
  const holder = await reader();
  migration('0005_again', 'ALTER TABLE webhooks ADD COLUMN o int;');
  const runs = [1, 2].map(() => runMigrations(db.url, dir, log, patience));
  await eventually(() =>
    expect(
      linesOf(lines, 'migration.waiting').filter(({ migration: name }) => name === '0005_again')
        .length,
    ).toBeGreaterThan(2),
  );
  await end(holder);
  expect((await Promise.all(runs)).flat()).toEqual(['0005_again']);
});
