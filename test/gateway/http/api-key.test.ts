import { createPool, type Pool } from '../../../src/db/pool';
import { sha256 } from '../../../src/crypto/hash';
import {
  type ApiKeyScope,
  insertApiKey,
  listApiKeys,
  revokeApiKey,
} from '../../../src/db/queries/api-keys';
import type { GatewayConfig } from '../../../src/gateway/deps';
import { createApiKeys, newApiKey } from '../../../src/gateway/http/api-key';
import { createLog } from '../../../src/lib/log';
import { testDatabase, type TestDatabase } from '../../support/servers/database';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterEach(() => db.pool.query('DELETE FROM api_keys'));
afterAll(() => db.drop());

const bootstrap = 'a-key-of-the-settings-0123456789abcdef';
const log = createLog('silent');
let time = 0;
const later = (ms: number) => (time += ms);

function gateway(pool: Pool = db.pool) {
  const config = { apiKeys: ['another-key-of-the-settings-0123456789', bootstrap] };
  return createApiKeys({ config: config as unknown as GatewayConfig, pool, log, now: () => time });
}

let number = 0;
async function made(scopes: ApiKeyScope[] = ['read'], expiresAt: Date | null = null) {
  const key = newApiKey();
  const id = `key_${++number}`;
  const row = { id, name: 'a job', keyHash: sha256(key), scopes, expiresAt, makerId: null };
  await insertApiKey(db.pool, row);
  return { id, key };
}
const refused = (message: RegExp) => ({
  code: 'unauthorized',
  message: expect.stringMatching(message) as string,
});

test('a key that was made is known by its hash, and those of the settings may do everything', async () => {
  const keys = gateway();
  const { id, key } = await made(['read', 'tokens']);
  expect(await keys.find(key)).toEqual({ id, name: 'a job', scopes: ['read', 'tokens'] });
  expect(await keys.find(bootstrap)).toEqual({
    ...{ id: null, name: 'HOLDFAST_API_KEYS', scopes: ['admin'] },
  });
  await expect(keys.find(newApiKey())).rejects.toMatchObject(refused(/not known/));
  // The token of a session, for one.
  expect(await keys.find(key.slice(4))).toBeUndefined();
  expect(await keys.find(`${key}x`)).toBeUndefined();
});

test('revoked at one gateway, it answers two seconds longer at another, at most', async () => {
  const keys = gateway();
  const { id, key } = await made();
  await keys.find(key);
  await revokeApiKey(db.pool, id);
  expect(await keys.find(key)).toMatchObject({ id });
  later(2_000);
  await expect(keys.find(key)).rejects.toMatchObject(refused(/revoked/));

  const other = await made();
  await keys.find(other.key);
  await revokeApiKey(db.pool, other.id);
  keys.forget();
  await expect(keys.find(other.key)).rejects.toMatchObject(refused(/revoked/));
  await db.pool.query('UPDATE api_keys SET revoked_at = NULL, expires_at = now()');
  later(2_000);
  await expect(keys.find(key)).rejects.toMatchObject(refused(/expired/));
});

test('what is known costs no statement, and what thousands of strangers send costs no memory', async () => {
  const keys = gateway();
  const { key } = await made();
  await keys.find(key);
  const asked = jest.spyOn(db.pool, 'query');
  await keys.find(key);
  expect(asked).not.toHaveBeenCalled();
  const strangers = Array.from({ length: 1_001 }, () => keys.find(newApiKey()));
  expect((await Promise.allSettled(strangers)).every(({ status }) => status === 'rejected')).toBe(
    true,
  );
  expect(asked.mock.calls.length).toBeLessThan(10);
  asked.mockClear();
  await keys.find(key);
  expect(asked).toHaveBeenCalledTimes(1);
  asked.mockRestore();
});

test('its last use is kept once a minute, off the way', async () => {
  const keys = gateway();
  const { key } = await made();
  await keys.find(key);
  await keys.close();
  const page = { limit: 1, after: null };
  const used = async () => (await listApiKeys(db.pool, page))[0]?.lastUsedAt;
  expect(await used()).toBeInstanceOf(Date);
  await db.pool.query("UPDATE api_keys SET last_used_at = '2020-01-01'");
  await keys.find(key);
  await keys.close();
  expect((await used())?.getUTCFullYear()).toBe(2020);
  later(60_000);
  await keys.find(key);
  await keys.close();
  expect((await used())?.getUTCFullYear()).not.toBe(2020);
});

test('without Postgres only the keys of the settings are known', async () => {
  const away = createPool('postgres://nobody@127.0.0.1:1/none', log);
  const keys = gateway(away);
  expect(await keys.find(bootstrap)).toMatchObject({ id: null });
  const { key } = await made();
  await expect(keys.find(key)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await away.end();
});
