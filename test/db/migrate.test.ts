import { migrate } from '../../src/db/migrate';
import { createLog } from '../../src/lib/log';
import { eventually } from '../support/eventually';
import { emptyDatabase, testDatabase, type TestDatabase } from '../support/servers/database';
import { testTemporal } from '../support/servers/temporal';

const log = createLog('silent');
let empty: TestDatabase;

beforeAll(async () => {
  empty = await emptyDatabase();
});
afterAll(() => empty.drop());

test('four migrations at once all succeed, and the schema is made once', async () => {
  await Promise.all([1, 2, 3, 4].map(() => migrate(empty.url, log)));
  const { rows } = await empty.pool.query<{ name: string }>('SELECT name FROM migrations');
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  await empty.pool.query('SELECT FROM deliveries');
});

const index = async () => {
  const { rows } = await empty.pool.query<{ isValid: boolean }>(
    `SELECT indisvalid AS "isValid" FROM pg_index WHERE indexrelid = to_regclass('deliveries_failed')`,
  );
  return rows[0]?.isValid;
};

test('an index of a large table is built while webhooks are stored', async () => {
  await migrate(empty.url, log);
  expect(await index()).toBe(true);
  await empty.pool.query('DROP INDEX deliveries_failed');
  const writer = await empty.pool.connect();
  await writer.query('BEGIN');
  await writer.query('DELETE FROM deliveries WHERE false');
  const done = Promise.all([1, 2].map(() => migrate(empty.url, log)));
  try {
    await eventually(async () =>
      expect(
        await empty.pool.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
             AND wait_event_type = 'Lock' AND query LIKE 'CREATE INDEX%'`,
        ),
      ).toMatchObject({ rowCount: 1 }),
    );
    await empty.pool.query(
      `BEGIN; SET LOCAL lock_timeout = '1s'; DELETE FROM deliveries WHERE false; COMMIT`,
    );
  } finally {
    await writer.query('COMMIT');
    writer.release();
  }
  await done;
  expect(await index()).toBe(true);
});

test('an index whose build was interrupted is built anew', async () => {
  await empty.pool.query(
    `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'deliveries_failed'::regclass`,
  );
  await migrate(empty.url, log);
  expect(await index()).toBe(true);
});

test('a test file gets a migrated database and a namespace of its own', async () => {
  const [one, two] = await Promise.all([testDatabase(), testDatabase()]);
  try {
    expect(one.url).not.toBe(two.url);
    expect((await one.pool.query('SELECT FROM integrations')).rowCount).toBe(0);
  } finally {
    await Promise.all([one.drop(), two.drop()]);
  }
  const namespaces = await Promise.all([testTemporal(), testTemporal()]);
  expect(new Set(namespaces.map(({ namespace }) => namespace)).size).toBe(2);
});
