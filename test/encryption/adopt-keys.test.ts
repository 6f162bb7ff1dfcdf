import { randomBytes } from 'node:crypto';
import type { EncryptionKey } from '../../src/crypto/envelope';
import { readKnownKeys } from '../../src/db/queries/encryption/keys';
import { adoptKeys } from '../../src/encryption/adopt-keys';
import { SealingKeyError } from '../../src/encryption/encryption-key-error';
import { testDatabase, type TestDatabase } from '../support/servers/database';
import { insertSealedRows, sealingKey } from './encrypted-rows';

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
});
afterEach(() => db.drop());

const old = sealingKey('old');
const next = sealingKey('next');
const imposter = { id: 'old', key: randomBytes(32) };

async function refusal(keys: readonly EncryptionKey[]): Promise<SealingKeyError> {
  const error: unknown = await adoptKeys(db.pool, keys).then(
    () => 'nothing was refused',
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SealingKeyError)) throw error as Error;
  for (const { key } of [...keys, old]) expect(error.message).not.toContain(key.toString('base64'));
  return error;
}

const known = async () => (await readKnownKeys(db.pool)).map(({ id }) => id);

test('the first key is noted once, and one that seals values already before it', async () => {
  await insertSealedRows(db.pool, old, 1);
  await adoptKeys(db.pool, [next, old, sealingKey('unused')]);
  await adoptKeys(db.pool, [next, old]);
  expect(await known()).toEqual(['next', 'old']);
});

test('a key that is gone while values are sealed with it is named, with its columns', async () => {
  await insertSealedRows(db.pool, old, 1);
  await adoptKeys(db.pool, [old]);
  const error = await refusal([next]);
  expect(error.keyIds).toEqual(['old']);
  expect(error.message).toMatch(
    /^HOLDFAST_KEYS: the key "old" is missing.*credentials\.access_token.*behind "next"/,
  );
  expect(await known()).toEqual(['old']);
});

test('a key whose values are all sealed with another one may go', async () => {
  await adoptKeys(db.pool, [old]);
  await insertSealedRows(db.pool, next, 1);
  await adoptKeys(db.pool, [next]);
});

test('other bytes under the id of a key are refused, also before anything is sealed', async () => {
  await adoptKeys(db.pool, [old]);
  expect((await refusal([imposter])).message).toMatch(/the key "old" is not the key of that name/);
  expect((await refusal([next, imposter])).keyIds).toEqual(['old']);
});

test('other bytes are refused by the values where nothing was noted yet', async () => {
  await insertSealedRows(db.pool, old, 1);
  expect((await refusal([imposter])).keyIds).toEqual(['old']);
  expect(await known()).toEqual([]);
});

test('damaged values are not the fault of their key, also where the first one found is damaged', async () => {
  await insertSealedRows(db.pool, old, 3);
  for (const table of ['revocations', 'oauth_states', 'idempotency_keys', 'integration_secrets']) {
    await db.pool.query(`DELETE FROM ${table}`);
  }
  await db.pool.query("UPDATE credentials SET refresh_token = decode('00', 'hex')");
  await db.pool.query(
    `UPDATE credentials
     SET access_token = set_byte(access_token, 40, 1 + get_byte(access_token, 40) % 255)
     WHERE id = (SELECT min(id) FROM credentials)`,
  );
  await adoptKeys(db.pool, [old]);
});

test('of two processes that bring other bytes under one id at once, one is refused', async () => {
  const ends = await Promise.allSettled([
    adoptKeys(db.pool, [old]),
    adoptKeys(db.pool, [imposter]),
  ]);
  expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});
