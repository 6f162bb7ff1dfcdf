import { randomBytes, randomUUID } from 'node:crypto';
import { createEnvelope } from '../../../src/crypto/envelope';
import { loadTokenHash } from '../../../src/db/queries/encryption/hash-key';
import { createPool } from '../../../src/db/pool';
import { createLog } from '../../../src/lib/log';
import type { Grant } from '../../support/doubles/oauth-server';
import { eventually } from '../../support/eventually';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene.close());
afterEach(() => expect(scene.provider.reuses()).toBe(0));

const someone = () => `user-${randomUUID()}`;

const connect = (userId: string, grant: Grant, more: object = {}) =>
  scene.connect({ userId, credentials: { main: { ...grant, ...more } } });

const credentialOf = async ({ id }: IntegrationBody) => {
  const shown = (await scene.show(id)).credentials[0];
  if (shown === undefined) throw new Error('it has no credential');
  return shown;
};

/** As if the time had come to refresh it ahead of its end. @returns the version that the token has then */
async function refreshed(integration: IntegrationBody): Promise<number> {
  const { id } = await credentialOf(integration);
  await scene.system.pool.query('UPDATE credentials SET refresh_at = now() WHERE id = $1', [id]);
  const path = `/v1/integrations/${integration.id}/token`;
  return (await scene.system.api<{ version: number }>('GET', path)).body.version;
}

const put = ({ id }: IntegrationBody, tokens: object) =>
  scene.system.api<{ version: number; error: { code: string } }>(
    'PUT',
    `/v1/integrations/${id}/credentials/main`,
    tokens,
  );

test('S32 one grant given to two integrations at once is one credential, shown once and refreshed for both', async () => {
  const user = someone();
  const grant = scene.provider.grant();
  const soon = new Date(Date.now() + 2_000).toISOString();
  const [contacts, deals] = await Promise.all([
    connect(user, grant, { expiresAt: soon, accountId: 'acct-1' }),
    connect(user, grant, { expiresAt: soon, accountId: 'acct-1' }),
  ]);
  const calls = scene.provider.tokenCalls();
  const { id } = await credentialOf(contacts);
  expect((await credentialOf(deals)).id).toBe(id);
  // By the actor's own timer, which two credentials would both have.
  await eventually(async () => expect(await credentialOf(deals)).toMatchObject({ version: 2 }));
  expect(scene.provider.tokenCalls()).toBe(calls + 1);
  expect(await refreshed(contacts)).toBe(3);

  // An application that still has the tokens of the beginning.
  const notes = await connect(user, grant, { accountId: 'acct-1' });
  expect(notes).toMatchObject({ status: 'ENABLED', credentials: [{ id, version: 3 }] });
  expect(await refreshed(notes)).toBe(4);
  expect(await scene.show(deals.id)).toMatchObject({ status: 'ENABLED', transition: 0 });
});

test('S32 however many bring one grant at once, it is one credential', async () => {
  const user = someone();
  const grant = scene.provider.grant();
  const made = await Promise.all(Array.from({ length: 8 }, () => connect(user, grant)));
  expect(new Set(made.map(({ credentials }) => credentials[0]?.id)).size).toBe(1);
});

test('two names of one integration may have one grant', async () => {
  const main = scene.provider.grant();
  const { credentials } = await scene.connect({ credentials: { main, spare: main } });
  expect(new Set(credentials.map(({ id }) => id)).size).toBe(1);
});

test('the same grant of two users is two credentials: nobody is given the tokens of another', async () => {
  const grant = scene.provider.grant();
  const [one, two] = await Promise.all([connect(someone(), grant), connect(someone(), grant)]);
  expect(one.credentials[0]?.id).not.toBe(two.credentials[0]?.id);
});

test('a grant that was stored before there were hashes is known too', async () => {
  const user = someone();
  const grant = scene.provider.grant();
  const old = await connect(user, grant);
  await scene.system.pool.query(
    'UPDATE credentials SET refresh_token_hash = NULL WHERE user_id = $1',
    [user],
  );
  expect((await connect(user, grant)).credentials[0]?.id).toBe(old.credentials[0]?.id);
});

test('S32 S41 tokens of another credential, put: both go on with that one, at a higher version than either had', async () => {
  const user = someone();
  const shared = await connect(user, scene.provider.grant());
  const second = scene.provider.grant();
  const other = await connect(user, second);
  await refreshed(shared);
  expect(await refreshed(shared)).toBe(3);
  const { id } = await credentialOf(other);
  const before = await credentialOf(shared);

  const sent = { ...second, resume: true };
  const answer = await put(shared, sent);
  expect(answer).toMatchObject({ status: 200, body: { version: 4 } });
  expect(await credentialOf(shared)).toMatchObject({ id, version: 4 });
  expect(await credentialOf(other)).toMatchObject({ id, version: 4 });
  const { rows } = await scene.system.pool.query('SELECT FROM credentials WHERE id = $1', [
    before.id,
  ]);
  expect(rows).toEqual([]);
  expect(await refreshed(other)).toBe(5);
  expect(await refreshed(shared)).toBe(6);
});

test('S32 tokens of a credential that is just being refreshed are not shared before that is over', async () => {
  const user = someone();
  const shared = await connect(user, scene.provider.grant());
  const second = scene.provider.grant();
  const other = await connect(user, second);
  expect(await refreshed(shared)).toBe(2);
  await scene.system.pool.query(
    `UPDATE credentials SET presenting_version = version, presenting_attempt = 'another',
       presenting_until = now() + interval '1 minute' WHERE id = $1`,
    [(await credentialOf(other)).id],
  );
  expect(await put(shared, second)).toMatchObject({
    ...{ status: 503, body: { error: { code: 'refresh_unavailable' } } },
  });
  expect(await credentialOf(other)).toMatchObject({ version: 1 });
});

test('S58 tokens of a grant that a dead credential has bring it back, for whoever uses it', async () => {
  const user = someone();
  const grant = scene.provider.grant();
  const old = await connect(user, grant, { accountId: 'acct-1' });
  const { id } = await credentialOf(old);
  const path = `/v1/integrations/${old.id}/token/reject`;
  await scene.system.pool.query(
    "UPDATE credentials SET state = 'dead', code = 'invalid_grant' WHERE id = $1",
    [id],
  );
  await scene.system.api('POST', path, { version: 1 });
  await scene.until(old.id, 'ERROR');
  await expect(connect(user, grant, { accountId: 'acct-2' })).rejects.toThrow('account_mismatch');
  const fresh = { ...grant, accessToken: scene.provider.grant().accessToken };
  expect(await connect(user, fresh, { accountId: 'acct-1' })).toMatchObject({
    ...{ status: 'ENABLED', transition: 0, credentials: [{ id, version: 2, state: 'alive' }] },
  });
  await scene.until(old.id, 'ENABLED');
  const token = await scene.system.api('GET', `/v1/integrations/${old.id}/token`);
  expect(token.body).toMatchObject({ accessToken: fresh.accessToken, version: 2 });
});

test('S44 tokens of another account are refused, whoever has them', async () => {
  const user = someone();
  const second = scene.provider.grant();
  await connect(user, second, { accountId: 'theirs' });
  const own = await connect(user, scene.provider.grant(), { accountId: 'mine' });
  expect(await put(own, second)).toMatchObject({
    ...{ status: 409, body: { error: { code: 'account_mismatch' } } },
  });
});

test('the key of the hashes is made once, also by two processes at once, and outlives its encryption key', async () => {
  const url = scene.system.config.databaseUrl ?? '';
  const pools = [1, 2, 3].map(() => createPool(url, createLog('silent')));
  const [first, second, third] = pools;
  if (first === undefined || second === undefined || third === undefined) throw new Error('none');
  await first.query('DELETE FROM hash_keys');
  const old = { id: 'old', key: randomBytes(32) };
  const key = createEnvelope([old]);
  const [one, two] = await Promise.all([loadTokenHash(first, key), loadTokenHash(second, key)]);
  const both = createEnvelope([{ id: 'new', key: randomBytes(32) }, old]);
  const hashes = [one, two, await loadTokenHash(third, both)].map((hash) =>
    hash?.('a').toString('hex'),
  );
  expect(new Set(hashes).size).toBe(1);
  expect(hashes).not.toContain(undefined);
  const stranger = createPool(url, createLog('silent'));
  expect(await loadTokenHash(stranger, createEnvelope([{ id: 'x', key: randomBytes(32) }]))).toBe(
    null,
  );
  await Promise.all([...pools, stranger].map((pool) => pool.end()));
});
