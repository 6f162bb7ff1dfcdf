import { createEnvelope } from '../../src/crypto/envelope';
import { sealedColumns } from '../../src/crypto/encrypted-columns';
import { readSealedValues, replaceSealedValues } from '../../src/db/queries/encryption/values';
import { adoptKeys } from '../../src/encryption/adopt-keys';
import { olderSealings } from '../../src/encryption/values-under-older-keys';
import { sealAnew, type Unreadable } from '../../src/encryption/reencrypt';
import { testDatabase, type TestDatabase } from '../support/servers/database';
import { insertSealedRows, openAll, sealingKey } from './encrypted-rows';

const old = sealingKey('old');
const next = sealingKey('next');
const keys = [next, old];
const envelope = createEnvelope(keys);
const accessTokens = sealedColumns[0];

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
  await adoptKeys(db.pool, [old]);
  await adoptKeys(db.pool, keys);
});
afterEach(() => db.drop());

async function pass(signal = new AbortController().signal, progress?: () => void) {
  const unreadable: Unreadable[] = [];
  const { due } = await olderSealings(db.pool, keys);
  const sum = await sealAnew(db.pool, due, {
    envelope,
    signal,
    ...(progress === undefined ? {} : { progress }),
    unreadable: (value) => unreadable.push(value),
  });
  return { ...sum, unreadable };
}

test('every sealed column is sealed with the first key, and says what it said', async () => {
  const plain = await insertSealedRows(db.pool, old, 120);
  expect(plain.size).toBe(120 * sealedColumns.length);
  expect(await pass()).toEqual({ sealed: plain.size, unreadable: [] });
  expect(await openAll(db.pool, [next])).toEqual({ keyIds: new Set(['next']), plain });
  expect(await pass()).toEqual({ sealed: 0, unreadable: [] });
});

test('a value that changed since it was read is not overwritten', async () => {
  await insertSealedRows(db.pool, old, 1);
  const [read] = await readSealedValues(
    db.pool,
    { column: accessTokens, keyId: 'old' },
    { after: null, limit: 10 },
  );
  if (read === undefined) throw new Error('nothing was read');
  const context = `credentials.access_token:${String(read.key)}` as const;
  const newer = envelope.seal('newer', context);
  await db.pool.query('UPDATE credentials SET access_token = $1', [newer]);
  const fresh = envelope.seal(envelope.open(read.sealed, context), context);
  expect(await replaceSealedValues(db.pool, accessTokens, [{ ...read, fresh }])).toBe(0);
  const { rows } = await db.pool.query<{ token: Buffer }>(
    'SELECT access_token AS token FROM credentials',
  );
  expect(rows).toEqual([{ token: newer }]);
});

test('a row that somebody holds is not waited for, and is done the next time', async () => {
  const plain = await insertSealedRows(db.pool, old, 3);
  const holder = await db.pool.connect();
  try {
    await holder.query('BEGIN');
    await holder.query(
      'SELECT FROM credentials WHERE id = (SELECT min(id) FROM credentials) FOR UPDATE',
    );
    expect((await pass()).sealed).toBe(plain.size - 2);
    await holder.query('COMMIT');
  } finally {
    holder.release();
  }
  expect((await pass()).sealed).toBe(2);
});

test('two processes at once do each value once and lose none', async () => {
  const plain = await insertSealedRows(db.pool, old, 250);
  const [one, two] = await Promise.all([pass(), pass()]);
  expect(one.sealed + two.sealed).toBe(plain.size);
  expect(await openAll(db.pool, [next])).toEqual({ keyIds: new Set(['next']), plain });
});

test('values that are written all the while are kept, with whichever key', async () => {
  await insertSealedRows(db.pool, old, 40);
  const { rows } = await db.pool.query<{ id: string }>('SELECT id FROM credentials');
  const last = new Map<string, string>();
  const stop = new AbortController();
  const writer = async (key: typeof old, ids: string[]) => {
    const own = createEnvelope([key]);
    for (let turn = 0; !stop.signal.aborted; turn++) {
      const id = ids[turn % ids.length] ?? '';
      const sealed = own.seal(`${key.id}-${turn}`, `credentials.access_token:${id}`);
      await db.pool.query('UPDATE credentials SET access_token = $2 WHERE id = $1', [id, sealed]);
      last.set(id, `${key.id}-${turn}`);
    }
  };
  const ids = rows.map(({ id }) => id);
  const writers = [writer(old, ids.slice(0, 20)), writer(next, ids.slice(20))];
  let sealed = 0;
  for (let turn = 0; turn < 15; turn++) sealed += (await pass()).sealed;
  stop.abort();
  await Promise.all(writers);
  await pass();
  const { keyIds, plain } = await openAll(db.pool, keys);
  expect(sealed).toBeGreaterThan(rows.length * sealedColumns.length);
  expect(keyIds).toEqual(new Set(['next']));
  for (const [id, text] of last) {
    expect(plain.get(`credentials.access_token credentials.access_token:${id}`)).toBe(text);
  }
});

test('what can not be opened stays as it is, byte by byte, and is named without its value', async () => {
  const plain = await insertSealedRows(db.pool, old, 3);
  await db.pool.query(
    `UPDATE credentials SET refresh_token = decode('ff00', 'hex'),
       access_token = set_byte(access_token, 40, 1 + get_byte(access_token, 40) % 255)
     WHERE id = (SELECT min(id) FROM credentials)`,
  );
  const damaged = async () =>
    (
      await db.pool.query<{ id: string }>(
        'SELECT id, access_token, refresh_token FROM credentials ORDER BY id LIMIT 1',
      )
    ).rows;
  const before = await damaged();
  const { sealed, unreadable } = await pass();
  expect(sealed).toBe(plain.size - 2);
  const row = before[0]?.id;
  expect(unreadable).toEqual([
    { column: 'credentials.access_token', row, code: 'tampered' },
    { column: 'credentials.refresh_token', row, code: 'malformed' },
  ]);
  expect(await damaged()).toEqual(before);
});

test('one that was stopped is gone on with', async () => {
  const plain = await insertSealedRows(db.pool, old, 120);
  const stopping = new AbortController();
  const first = await pass(stopping.signal, () => stopping.abort());
  expect(first.sealed).toBe(100);
  expect((await pass()).sealed).toBe(plain.size - 100);
});
