import { createPool } from '../../src/db/pool';
import { createLog } from '../../src/lib/log';
import { keepRetention } from '../../src/retention/run';
import { testDatabase, type TestDatabase } from '../support/servers/database';
import { eventually } from '../support/eventually';

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
});
afterEach(() => db.drop());

const session = (id: string) =>
  db.pool.query(
    `INSERT INTO sessions (id, token_hash, user_id, expires_at)
     VALUES ($1, $2, 'u', now() - interval '31 days')`,
    [id, Buffer.from(id)],
  );
const left = async () =>
  (await db.pool.query<{ id: string }>('SELECT id FROM sessions')).rows.map(({ id }) => id);
const keeper = (everyMs: number, log = createLog('silent')) =>
  keepRetention({
    ...{ pool: db.pool, retentionDays: 30, auditRetentionDays: 365 },
    ...{ keepLimitBytes: 2 ** 30, log, everyMs },
  });

test('it looks at its start and from time to time, also after a look that failed', async () => {
  await session('first');
  const lines: string[] = [];
  const keeping = keeper(50, createLog('info', { write: (line) => void lines.push(line) }));
  try {
    await eventually(async () => expect(await left()).toEqual([]));
    await db.pool.query('ALTER TABLE sessions RENAME TO away');
    await eventually(() => expect(lines.join()).toContain('"kind":"sessions"'));
    await db.pool.query('ALTER TABLE away RENAME TO sessions');
    await session('second');
    await eventually(async () => expect(await left()).toEqual([]));
  } finally {
    await keeping.stop();
  }
});

test('one process does it at a time, and another goes on when that one is gone', async () => {
  const other = createPool(db.url, createLog('silent'));
  const holder = await other.connect();
  await holder.query('SELECT pg_advisory_lock(4201733020)');
  await session('first');
  const keeping = keeper(20);
  try {
    await keeperLooked(10);
    expect(await left()).toEqual(['first']);
    holder.release(true);
    await eventually(async () => expect(await left()).toEqual([]));
  } finally {
    await keeping.stop();
    await other.end();
  }
});

/** Waits until the keeper has asked for the lock so often. */
async function keeperLooked(times: number): Promise<void> {
  const asked = jest.spyOn(db.pool, 'connect');
  await eventually(() => expect(asked.mock.calls.length).toBeGreaterThanOrEqual(times));
  asked.mockRestore();
}

test('a stop ends it after the statement in hand', async () => {
  const keeping = keeper(3_600_000);
  const startedAt = performance.now();
  await keeping.stop();
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
