import { readEvents } from '../../../support/event-reader';
import { type GatewayFixture, gatewayFixture } from '../../gateway-fixture';

let gateway: GatewayFixture;
/** Another one, which hears of a key's end by its row alone. */
let other: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture();
  other = await gatewayFixture({ beside: gateway });
});
afterAll(async () => {
  await other.close();
  await gateway.close();
});

interface Key {
  id: string;
  key: string;
  name: string;
  scopes: string[];
  expiresAt: string | null;
  createdAt: string;
  lastUsedAt: string | null;
}

const create = (body: object) => gateway.call('POST', '/v1/keys', body);
async function made(body: object = {}) {
  const answer = await create({ name: 'a job', scopes: ['manage'], ...body });
  const key = answer.body as unknown as Key;
  return { ...key, headers: { authorization: `Bearer ${key.key}` } };
}
const revoke = (id: string) => gateway.call('DELETE', `/v1/keys/${id}`);

test('a key is shown once, and kept as nothing but a hash', async () => {
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const { status, headers, body } = await create({
    ...{ name: 'Nightly sync', scopes: ['read', 'tokens'], expiresAt },
  });
  expect([status, headers['cache-control']]).toEqual([201, 'no-store']);
  const { id, key } = body as unknown as Key;
  expect(body).toEqual({
    ...{ id: expect.stringMatching(/^key_\w+$/) as string, name: 'Nightly sync' },
    ...{ scopes: ['read', 'tokens'], expiresAt, lastUsedAt: null },
    createdAt: expect.stringMatching(/^20.*Z$/) as string,
    key: expect.stringMatching(/^hfk_[\w-]{43}$/) as string,
  });
  const { rows } = await gateway.pool.query<{ row: string }>(
    'SELECT api_keys::text AS row FROM api_keys',
  );
  expect(rows.map(({ row }) => row).join()).not.toContain(key.slice(4));

  const list = await gateway.call('GET', '/v1/keys?limit=1');
  expect(list.body).toMatchObject({ items: [{ id, name: 'Nightly sync' }] });
  expect(list.body.items[0]).not.toHaveProperty('key');
});

test('keys come newest first, page by page', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) ids.unshift((await made()).id);
  const first = await gateway.call('GET', '/v1/keys?limit=2');
  const next = await gateway.call('GET', `/v1/keys?limit=2&cursor=${first.body.nextCursor ?? ''}`);
  const shown = [...first.body.items, ...next.body.items].map(({ id }) => id);
  expect(shown.slice(0, 3)).toEqual(ids);
});

test.each([
  ['no name', { scopes: ['read'] }, /name/],
  ['an empty name', { name: '', scopes: ['read'] }, /name/],
  ['a name that nobody sees', { name: '\u200b', scopes: ['read'] }, /body\.name: .*printable/],
  ['a name of two lines', { name: 'a\nb', scopes: ['read'] }, /body\.name: .*printable/],
  ['a name that is too long', { name: 'x'.repeat(101), scopes: ['read'] }, /body\.name: .*100/],
  [
    'the name that the keys of the settings have in the audit',
    { name: 'holdfast_api_keys', scopes: ['read'] },
    /body\.name: .*HOLDFAST_API_KEYS/,
  ],
  ['no scopes', { name: 'x', scopes: [] }, /scopes/],
  ['an unknown scope', { name: 'x', scopes: ['write'] }, /read, manage, tokens, proxy, admin/],
  ['a scope twice', { name: 'x', scopes: ['read', 'read'] }, /scopes/],
  [
    'an end that is past',
    { name: 'x', scopes: ['read'], expiresAt: '2020-01-01T00:00:00Z' },
    /future/,
  ],
  ['an end that is no time', { name: 'x', scopes: ['read'], expiresAt: 'soon' }, /expiresAt/],
  ['a key of its own', { name: 'x', scopes: ['read'], key: 'hfk_x' }, /body\.key/],
])('%s is refused', async (_what, body, message) => {
  const answer = await create(body);
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  expect(answer.body.error.message).toMatch(message);
});

test('a revoked key ends with its sessions, its streams and its kept answers', async () => {
  const { id, headers } = await made({ scopes: ['manage'] });
  const other = await made();
  const session = { userId: 'ada' };
  const keyed = { ...headers, 'idempotency-key': 'a-session' };
  const { body } = await gateway.call('POST', '/v1/sessions', session, keyed);
  const { token } = body as unknown as { token: string };
  await gateway.call('POST', '/v1/sessions', { userId: 'bob' }, other.headers);
  const url = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
  const streams = [headers, { authorization: `Bearer ${token}` }].map((as) =>
    readEvents(`${url}/api/users/ada/events`, as),
  );
  const readers = await Promise.all(streams);
  expect(readers.map(({ status }) => status)).toEqual([200, 200]);

  expect((await revoke(id)).status).toBe(204);
  const again = await gateway.call('POST', '/v1/sessions', session, keyed);
  expect(again).toMatchObject({ status: 401, body: { error: { code: 'unauthorized' } } });
  expect(again.body.error.message).toBe('This API key is revoked.');
  for (const reader of readers) {
    expect(await reader.ended).toBe(true);
    reader.close();
  }
  const left = await gateway.pool.query<{ user_id: string }>('SELECT user_id FROM sessions');
  expect(left.rows).toEqual([{ user_id: 'bob' }]);
  const answers = await gateway.pool.query('SELECT FROM idempotency_keys');
  expect(answers.rowCount).toBe(0);
  const listed = await gateway.call('GET', '/v1/keys');
  expect(listed.body.items.map((key) => key.id)).not.toContain(id);
  expect((await revoke(id)).body.error.code).toBe('key_not_found');
  expect((await revoke('key_nobody')).body.error.code).toBe('key_not_found');
  expect((await revoke('nothing')).status).toBe(404);
});

test('a session does not outlive its key, whichever gateway still knows that one', async () => {
  const expiresAt = new Date(Date.now() + 120_000).toISOString();
  const { id, headers } = await made({ expiresAt });
  const { body } = await gateway.call('POST', '/v1/sessions', { userId: 'cleo' }, headers);
  expect(body).toMatchObject({ expiresAt });
  // Another gateway revokes it; this one has looked just now.
  await gateway.pool.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [id]);
  const late = await gateway.call('POST', '/v1/sessions', { userId: 'dan' }, headers);
  expect(late).toMatchObject({ status: 401, body: { error: { code: 'unauthorized' } } });
});

test('nor does a key make another one after its end, though this gateway has looked just now', async () => {
  const { id, headers } = await made({ scopes: ['admin'] });
  const makeAnother = (name: string) =>
    other.call('POST', '/v1/keys', { name, scopes: ['admin'] }, headers);
  expect((await makeAnother('before')).status).toBe(201);
  expect((await revoke(id)).status).toBe(204);
  const late = await makeAnother('after');
  expect(late).toMatchObject({ status: 401, body: { error: { code: 'unauthorized' } } });
  const named = await gateway.pool.query("SELECT FROM api_keys WHERE name = 'after'");
  const audited = await gateway.pool.query(
    "SELECT FROM audit WHERE action = 'key.created' AND actor_id = $1",
    [id],
  );
  expect([named.rowCount, audited.rowCount]).toEqual([0, 1]);
});

test('what a key has open at another gateway ends within five seconds of its end', async () => {
  const url = await other.app.listen({ host: '127.0.0.1', port: 0 });
  const endsBy = {
    'a revocation': ({ id }: Key) => revoke(id),
    'its expiry': ({ id }: Key) =>
      // As when that moment has come, for the key and for what was made with it.
      gateway.pool.query(
        `WITH ended AS (UPDATE api_keys SET expires_at = now() WHERE id = $1)
         UPDATE sessions SET expires_at = now() WHERE api_key_id = $1`,
        [id],
      ),
  };
  await Promise.all(
    Object.entries(endsBy).map(async ([how, end]) => {
      const key = await made();
      const userId = `of-${key.id}`;
      const { body } = await gateway.call('POST', '/v1/sessions', { userId }, key.headers);
      const session = { authorization: `Bearer ${(body as unknown as { token: string }).token}` };
      const all = [key.headers, session];
      const readers = await Promise.all(
        all.map((as) => readEvents(`${url}/api/users/${userId}/events`, as)),
      );
      expect([how, readers.map(({ status }) => status)]).toEqual([how, [200, 200]]);
      const at = performance.now();
      await end(key);
      expect([how, await Promise.all(readers.map(({ ended }) => ended))]).toEqual([
        how,
        [true, true],
      ]);
      for (const as of all) {
        const late = await other.call('GET', `/api/connectors/${userId}/status`, undefined, as);
        expect([how, late.status]).toEqual([how, 401]);
      }
      expect(performance.now() - at).toBeLessThan(5_000);
      for (const reader of readers) reader.close();
    }),
  );
});
