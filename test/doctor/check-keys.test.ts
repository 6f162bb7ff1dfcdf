import { randomBytes } from 'node:crypto';
import { type Environment, parseConfig } from '../../src/config';
import { checkKeys } from '../../src/doctor/check-keys';
import { adoptKeys } from '../../src/encryption/adopt-keys';
import { insertSealedRows, sealingKey } from '../encryption/encrypted-rows';
import { emptyDatabase, testDatabase, type TestDatabase } from '../support/servers/database';

const old = sealingKey('old');
const next = sealingKey('next');

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
});
afterEach(() => db.drop());

async function findings(keys: readonly (typeof old)[], url = db.url) {
  const env: Environment = {
    DATABASE_URL: url,
    HOLDFAST_DATA_DIR: '/nonexistent',
    HOLDFAST_KEYS: keys.map(({ id, key }) => `${id}:${key.toString('base64')}`).join(','),
  };
  const found = await checkKeys(parseConfig(env), env);
  return found.map(({ well, text }) => `${well ? 'ok' : 'wrong'} ${text}`);
}

test('it counts what an older key still seals, and says when that key may go', async () => {
  await adoptKeys(db.pool, [old]);
  const plain = await insertSealedRows(db.pool, old, 2);
  await adoptKeys(db.pool, [next, old]);
  expect(await findings([next, old])).toEqual([
    `ok Key old: still sealed with it: ${plain.size}; a worker seals them with next`,
  ]);
  const others = ['credentials', 'revocations', 'oauth_states', 'idempotency_keys', 'hash_keys'];
  for (const table of [...others, 'confirmations', 'notices']) {
    await db.pool.query(`DELETE FROM ${table}`);
  }
  expect(await findings([next, old])).toEqual([
    'ok Key old: still sealed with it: 2; a worker seals them with next',
  ]);
  await db.pool.query('DELETE FROM integration_secrets');
  expect(await findings([next, old])).toEqual([
    'ok Key old: nothing is sealed with it; it may be removed from HOLDFAST_KEYS once every process has next first',
  ]);
});

test('a key that waits behind the first may not go', async () => {
  await adoptKeys(db.pool, [old]);
  expect(await findings([old, next])).toEqual(['ok Key next: nothing is sealed with it']);
});

test('an order that another process has overtaken is wrong', async () => {
  await adoptKeys(db.pool, [old]);
  await adoptKeys(db.pool, [next, old]);
  const [line] = await findings([old, next]);
  expect(line).toContain('wrong Key old: next came first in HOLDFAST_KEYS after it');
});

test('values that can not be opened are wrong, and named', async () => {
  await adoptKeys(db.pool, [old]);
  await insertSealedRows(db.pool, old, 1);
  await adoptKeys(db.pool, [next, old]);
  const others = ['revocations', 'oauth_states', 'idempotency_keys', 'integration_secrets'];
  for (const table of [...others, 'hash_keys', 'confirmations', 'notices']) {
    await db.pool.query(`DELETE FROM ${table}`);
  }
  const { rows } = await db.pool.query<{ id: string }>(
    `UPDATE credentials SET refresh_token = decode('00', 'hex'),
       access_token = set_byte(access_token, 40, 1 + get_byte(access_token, 40) % 255)
     RETURNING id`,
  );
  expect(await findings([next, old])).toEqual([
    `wrong Key old: values that can't be opened, since they were changed or moved: 1 (credentials.access_token of ${rows[0]?.id ?? ''}); they stay as they are until others replace them`,
    "wrong Sealed values: some have been damaged (credentials.refresh_token); a worker's log names them",
  ]);
});

test('a missing key and another key of the same name are wrong, as at the start', async () => {
  await adoptKeys(db.pool, [old]);
  await insertSealedRows(db.pool, old, 1);
  expect((await findings([next]))[0]).toMatch(/^wrong HOLDFAST_KEYS: the key "old" is missing/);
  const imposter = { id: 'old', key: randomBytes(32) };
  expect((await findings([imposter]))[0]).toMatch(/^wrong HOLDFAST_KEYS: the key "old" is not/);
});

test('of a database that is away or not migrated, nothing is said here', async () => {
  const empty = await emptyDatabase();
  try {
    expect(await findings([next, old], empty.url)).toEqual([]);
  } finally {
    await empty.drop();
  }
  expect(await findings([next, old], 'postgres://nobody@127.0.0.1:1/none')).toEqual([]);
});
