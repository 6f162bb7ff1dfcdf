import { createPool } from '../../src/db/pool';
import { createLog } from '../../src/lib/log';
import { adoptKeys } from '../../src/encryption/adopt-keys';
import { checkDatabaseAtStart } from '../../src/encryption/check-database-at-start';
import { emptyDatabase, testDatabase, type TestDatabase } from '../support/servers/database';
import { startTcpProxy, type TcpProxy } from '../support/doubles/tcp-proxy';
import { insertSealedRows, sealingKey } from './encrypted-rows';

const old = sealingKey('old');
const log = createLog('silent');

let db: TestDatabase;
let wire: TcpProxy;
let reached: URL;
beforeEach(async () => {
  db = await testDatabase();
  reached = new URL(db.url);
  wire = await startTcpProxy({ host: reached.hostname, port: Number(reached.port) });
  reached.host = `127.0.0.1:${wire.port}`;
});
afterEach(async () => {
  await wire.close();
  await db.drop();
});

/** Starts while the wire is cut. */
async function startAway(keys: readonly (typeof old)[]) {
  wire.cut();
  const pool = createPool(reached.href, log);
  const check = await checkDatabaseAtStart(pool, keys, log);
  return { check, close: () => check.stop().then(() => pool.end()) };
}

test('a database that is away does not stop a start; the keys are checked when it is there', async () => {
  const { check, close } = await startAway([old]);
  wire.mend();
  expect(await check.outcome).toBe('fit');
  await close();
});

test('keys that do not fit a database that comes later end the process then', async () => {
  await adoptKeys(db.pool, [old]);
  await insertSealedRows(db.pool, old, 1);
  const { check, close } = await startAway([sealingKey('other')]);
  wire.mend();
  expect(await check.failed).toMatchObject({ keyIds: ['old'] });
  await close();
});

test('it stops looking when it is told to', async () => {
  const { check, close } = await startAway([old]);
  await close();
  expect(await check.outcome).toBe('stopped');
});

test('a database without tables is waited for as well', async () => {
  const empty = await emptyDatabase();
  const check = await checkDatabaseAtStart(empty.pool, [old], log);
  await check.stop();
  expect(await check.outcome).toBe('stopped');
  await empty.drop();
});
