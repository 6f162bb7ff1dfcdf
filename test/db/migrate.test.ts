import { migrate } from '../../src/db/migrate';
import { createLog } from '../../src/lib/log';
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
