import {
  type DeletionScene,
  idsOf,
  rowsWith,
  startDeletionScene,
  withoutOutboxes,
} from '../../support/scenes/deletion-scene';
import { sendWebhook } from '../../support/scenes/scene';
import { insertHold, insertIntegrations, sql } from '../../support/scenes/rows';

let scene: DeletionScene;
beforeAll(async () => {
  scene = await startDeletionScene({ withoutWorker: true });
}, 60_000);
afterEach(() => scene.system.pool.query('TRUNCATE revocations'));
afterAll(() => scene.close());

const revocable = async () => {
  const { rows } = await scene.system.pool.query<{ id: string }>(
    'SELECT credential_id AS id FROM revocations ORDER BY 1',
  );
  return rows.map(({ id }) => id);
};

/** Someone with integrations, webhooks, a session, a way to the provider that isn't finished, and a hold. */
async function person(userId: string, integrations = 2): Promise<string[]> {
  const { pool, url } = scene.system;
  const ids = [userId];
  for (let count = 0; count < integrations; count++) {
    const integration = await scene.connect({ userId });
    await sendWebhook(url, integration);
    ids.push(...(await idsOf(pool, integration)));
    await pool.query(
      `INSERT INTO oauth_states (state_hash, browser_hash, provider, integration_id, credential_name,
                                 credential_id, code_verifier, resume, expires_at)
       VALUES (sha256($1), '', 'acme', $2, 'main', $3, '', true, now() + interval '10 minutes')`,
      [Buffer.from(integration.id), integration.id, integration.credentials[0]?.id],
    );
  }
  expect((await scene.system.api('POST', '/v1/sessions', { userId })).status).toBe(201);
  await insertHold(pool, { user_id: userId, reason: 'a holiday' });
  return ids;
}

describe('DELETE /v1/users/:userId', () => {
  test('leaves nothing of a person, everything of another, and each grant to be given back', async () => {
    const { pool } = scene.system;
    const gone = await person('leaver', 3);
    const other = await person('stays', 3);
    const before = await rowsWith(pool, other);
    expect(Object.keys(await rowsWith(pool, gone))).toEqual(Object.keys(before));
    expect(before).toMatchObject({ integrations: 3, deliveries: 3, sessions: 1, holds: 1 });

    expect(await scene.remove('users/leaver')).toBe(204);
    expect(withoutOutboxes(await rowsWith(pool, gone))).toEqual({});
    expect(await rowsWith(pool, other)).toEqual(before);
    expect(await revocable()).toEqual(gone.filter((id) => id.startsWith('crd_')).sort());
    // Its actors are ended, and their histories deleted, by whoever finds these.
    expect((await rowsWith(pool, gone))['deleted_actors']).toBe(9);
  }, 60_000);

  test('gives a grant back once, with the last of its credentials', async () => {
    for (let count = 0; count < 3; count++) {
      await scene.connect({ userId: 'one-account', accountId: 'the-account' });
    }
    const elsewhere = await scene.connect({ userId: 'colleague', accountId: 'the-account' });
    expect(await scene.remove('users/one-account')).toBe(204);
    expect(await revocable()).toEqual([]);
    expect(await scene.remove('users/colleague')).toBe(204);
    expect(await revocable()).toEqual([elsewhere.credentials[0]?.id]);
  }, 60_000);

  test('of someone with more integrations than are taken at a time none is left', async () => {
    const { pool } = scene.system;
    await insertIntegrations(pool, 1_234, { user_id: 'many', name: sql("'c' || n") });
    expect(await scene.remove('users/many')).toBe(204);
    expect(withoutOutboxes(await rowsWith(pool, ['many']))).toEqual({});
  }, 120_000);

  test('is done already for someone whom nobody knows, and can be asked for again', async () => {
    await person('again', 1);
    expect(await scene.remove('users/again')).toBe(204);
    expect(await scene.remove('users/again')).toBe(204);
    expect(await scene.remove('users/nobody@example.com')).toBe(204);
    expect(await scene.remove(`users/${'x'.repeat(128)}`)).toBe(204);
  });

  test.each(['%00', '%20x', '%F0'])('refuses the id %j', async (userId) => {
    expect(await scene.remove(`users/${userId}`)).toBe(400);
  });
});

test('of an account whose two credentials are deleted at once the grant is given back once', async () => {
  for (let round = 0; round < 8; round++) {
    const accountId = `account-${round}`;
    const pair = await Promise.all([
      scene.connect({ userId: 'left', accountId }),
      scene.connect({ userId: 'right', accountId }),
    ]);
    const statuses = await Promise.all(pair.map(({ id }) => scene.remove(`integrations/${id}`)));
    expect(statuses).toEqual([204, 204]);
    expect(await revocable()).toHaveLength(round + 1);
  }
}, 120_000);

test("where nobody knows the accounts, a person's last credential counts", async () => {
  const first = await scene.connect({ userId: 'unknown', accountId: null });
  const second = await scene.connect({ userId: 'unknown', accountId: null });
  const stranger = await scene.connect({ userId: 'stranger', accountId: null });
  expect(await scene.remove(`integrations/${first.id}`)).toBe(204);
  expect(await revocable()).toEqual([]);
  expect(await scene.remove(`integrations/${second.id}`)).toBe(204);
  expect(await revocable()).toEqual([second.credentials[0]?.id]);
  expect(await rowsWith(scene.system.pool, [stranger.id])).toMatchObject({ integrations: 1 });
});

test('what was never connected has nothing to give back', async () => {
  const { status, body } = await scene.system.api<{ id: string }>('POST', '/v1/integrations', {
    userId: 'never',
    name: 'crm',
    provider: 'acme',
    destination: { url: scene.destination.url },
  });
  expect(status).toBe(201);
  expect(await scene.remove(`integrations/${body.id}`)).toBe(204);
  expect(await revocable()).toEqual([]);
});
