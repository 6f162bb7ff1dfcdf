import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type pg from 'pg';
import { migrate } from '../../src/db/migrate';
import { createPool } from '../../src/db/pool';
import { PoolerError, refuseSharedSessions, shareSessions } from '../../src/db/pooler';
import { checkPostgres } from '../../src/doctor/check-postgres';
import { checkDatabaseAtStart } from '../../src/encryption/check-database-at-start';
import { createLog } from '../../src/lib/log';
import { sealingKey } from '../encryption/encrypted-rows';
import { emptyDatabase, testDatabase, type TestDatabase } from '../support/servers/database';
import { startTcpProxy } from '../support/doubles/tcp-proxy';
import {
  startTransactionPooler,
  type TransactionPooler,
} from '../support/doubles/transaction-pooler';

const log = createLog('silent');
const named =
  /^DATABASE_URL: a pooler .*session mode \(pool_mode = session\), or Postgres' own address$/;

let db: TestDatabase;
let pooler: TransactionPooler;
beforeAll(async () => {
  db = await testDatabase();
  pooler = await startTransactionPooler(db.url);
});
afterAll(async () => {
  await pooler.close();
  await db.drop();
});

async function withPool<T>(url: string, work: (pool: pg.Pool) => Promise<T>): Promise<T> {
  const pool = createPool(url, log);
  return work(pool).finally(() => pool.end());
}

test('a pooler that hands sessions on between transactions stops the start, and says what to change', () =>
  withPool(pooler.url, async (pool) => {
    const start = checkDatabaseAtStart(pool, [sealingKey('k1')], log);
    await expect(start).rejects.toThrow(named);
  }));

test('it is named by the doctor', async () => {
  expect(await checkPostgres(pooler.url)).toEqual([
    { well: false, text: expect.stringMatching(named) as string },
  ]);
});

test('nothing is migrated through it: its lock would stay behind', async () => {
  const empty = await emptyDatabase();
  const before = await startTransactionPooler(empty.url);
  await expect(migrate(before.url, log)).rejects.toThrow(PoolerError);
  const { rows } = await empty.pool.query("SELECT FROM pg_tables WHERE tablename = 'migrations'");
  expect(rows).toEqual([]);
  await before.close();
  await empty.drop();
});

test('it is found while others use it, too', async () => {
  const stop = new AbortController();
  const busy = withPool(pooler.url, async (pool) => {
    while (!stop.signal.aborted) await Promise.all([1, 2, 3].map(() => pool.query('SELECT 1')));
  });
  try {
    await withPool(pooler.url, async (pool) => {
      await expect(refuseSharedSessions(pool)).rejects.toThrow(named);
    });
  } finally {
    stop.abort();
    await busy;
  }
});

test('Postgres itself passes, and a pooler that gives each connection a session of its own', async () => {
  const { hostname, port } = new URL(db.url);
  const wire = await startTcpProxy({ host: hostname, port: Number(port) });
  const url = new URL(db.url);
  url.host = `127.0.0.1:${wire.port}`;
  for (const reached of [db.url, url.href]) await withPool(reached, refuseSharedSessions);
  await wire.close();
});

test('a database that is away is not taken for one behind a pooler', () =>
  withPool('postgres://nobody@127.0.0.1:1/none', async (pool) => {
    await expect(refuseSharedSessions(pool)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  }));

test('a parameter of the address that a pooler refuses is named', () =>
  withPool(`${pooler.url}?options=-c%20search_path%3Dx`, async (pool) => {
    await expect(refuseSharedSessions(pool)).rejects.toThrow(
      'DATABASE_URL: the pooler before Postgres refuses the parameter options; allowed: ',
    );
  }));

test('the sessions of a pool have their limits and plans, though no pooler would take them at its start', async () => {
  const pool = createPool(db.url, log, { plans: 'fixed' });
  const { rows } = await pool.query(
    `SELECT current_setting('statement_timeout') AS statement,
            current_setting('idle_in_transaction_session_timeout') AS idle,
            current_setting('plan_cache_mode') AS plans, current_setting('enable_seqscan') AS scan`,
  );
  expect(rows).toEqual([
    { statement: '14s', idle: '30s', plans: 'force_generic_plan', scan: 'off' },
  ]);
  await pool.end();
});

/** @param backends of the servers that a pooler takes in turn, whoever asks */
function inTurn(backends: readonly number[]) {
  let asked = 0;
  const query = () => Promise.resolve({ rows: [{ pid: backends[asked++ % backends.length] }] });
  return { query } as unknown as Pick<pg.PoolClient, 'query'>;
}

test.each([[[1]], [[1, 2]], [[1, 2, 3]], [[1, 2, 3, 4]]])(
  'a pooler that takes its servers in turn is found: %j',
  async (backends) => {
    const all = inTurn(backends);
    expect(await shareSessions(all, all)).toBe(true);
    expect(await shareSessions(inTurn([1]), inTurn([2]))).toBe(false);
  },
);

test('a pooler with room for one session is named', async () => {
  const { hostname, port } = new URL(db.url);
  const sockets: Socket[] = [];
  const server = createServer((client) => {
    sockets.push(client);
    client.on('error', () => undefined);
    // Whoever comes later is kept waiting.
    if (sockets.length === 1) client.pipe(connect(Number(port), hostname)).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(db.url);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await withPool(url.href, async (pool) => {
    await expect(refuseSharedSessions(pool)).rejects.toThrow(
      /^DATABASE_URL: a second connection is given no session/,
    );
  });
  for (const socket of sockets) socket.destroy();
  server.close();
});
