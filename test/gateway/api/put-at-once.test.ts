import { answerGrant } from '../../support/doubles/answer-grant';
import { lockGrants } from '../../../src/db/queries/credentials/same-grant';
import { inTransaction } from '../../../src/db/transaction';
import { eventually } from '../../support/eventually';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene({ withAccount: true });
}, 60_000);
afterAll(() => scene.close());
afterEach(() => scene.provider.behave(undefined));

const put = ({ id }: IntegrationBody, tokens: object) =>
  scene.system.api<{ version: number; error: { code: string } }>(
    'PUT',
    `/v1/integrations/${id}/credentials/main`,
    tokens,
  );

const past = () => new Date(Date.now() - 1_000).toISOString();

const token = async ({ id }: IntegrationBody) =>
  (await scene.system.api<{ accessToken: string }>('GET', `/v1/integrations/${id}/token`)).body
    .accessToken;

test('S32 S36 the same tokens sent again while they are shown are not shown twice, nor stored over what comes', async () => {
  const integration = await scene.connect();
  const given = { ...scene.provider.grant(), expiresAt: past() };
  const calls = scene.provider.tokenCalls();
  const reuses = scene.provider.reuses();
  let go: (() => void) | undefined;
  // It punishes a refresh token that it is shown again with the end of the grant.
  scene.provider.behave((answer, rotate) => {
    if (go !== undefined) scene.provider.revokeAll();
    go = () => answerGrant(answer, rotate());
  });
  const first = put(integration, given);
  await eventually(() => expect(go).toBeDefined());
  // One sends the time with them, the other leaves it to the provider; neither lets go of the first one's claim.
  for (const again of [given, { ...given, expiresAt: undefined }]) {
    expect(await put(integration, again)).toMatchObject({
      ...{ status: 503, body: { error: { code: 'refresh_unavailable' } } },
    });
  }
  go?.();
  expect(await first).toMatchObject({ status: 200, body: { version: 2 } });
  expect((await scene.show(integration.id)).credentials).toMatchObject([{ state: 'alive' }]);
  expect(await token(integration)).not.toBe(given.accessToken);
  expect([scene.provider.tokenCalls(), scene.provider.reuses()]).toEqual([calls + 1, reuses]);
});

test('S32 one grant put to two integrations at once is shown once, and becomes one credential', async () => {
  const userId = 'two-at-once';
  const both = [await scene.connect({ userId }), await scene.connect({ userId })] as const;
  const given = { ...scene.provider.grant(), expiresAt: past() };
  const calls = scene.provider.tokenCalls();
  const shown: (() => void)[] = [];
  scene.provider.behave((answer, rotate) => {
    shown.push(() => answerGrant(answer, rotate()));
  });
  const puts = both.map((one) => put(one, given));
  const refused = await Promise.race(puts);
  scene.provider.behave(undefined);
  shown.forEach((go) => go());
  expect(refused).toMatchObject({
    ...{ status: 503, body: { error: { code: 'refresh_unavailable' } } },
  });
  const answers = await Promise.all(puts);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 503]);
  const late = both[answers.findIndex(({ status }) => status === 503)] ?? both[0];
  expect(await put(late, given)).toMatchObject({ status: 200 });
  const [one, two] = await Promise.all(both.map(({ id }) => scene.show(id)));
  expect(one?.credentials[0]?.id).toBe(two?.credentials[0]?.id);
  expect(scene.provider.tokenCalls()).toBe(calls + 1);
  expect(await token(both[0])).toBe(await token(both[1]));
});

test('S3 tokens that were stored while others are shown outdo what comes of those', async () => {
  const integration = await scene.connect();
  let go: (() => void) | undefined;
  scene.provider.behave((answer, rotate) => {
    go = () => answerGrant(answer, rotate());
  });
  const first = put(integration, { ...scene.provider.grant(), expiresAt: past() });
  await eventually(() => expect(go).toBeDefined());
  const newest = scene.provider.grant();
  expect(await put(integration, newest)).toMatchObject({ status: 200, body: { version: 2 } });
  go?.();
  expect(await first).toMatchObject({
    ...{ status: 503, body: { error: { code: 'refresh_unavailable' } } },
  });
  expect(await token(integration)).toBe(newest.accessToken);
  expect(await scene.show(integration.id)).toMatchObject({ credentials: [{ version: 2 }] });
});

test('S44 tokens of a grant that is just being shown make no second credential', async () => {
  const integration = await scene.connect({ userId: 'shows' });
  let go: (() => void) | undefined;
  scene.provider.behave((answer, rotate) => {
    go = () => answerGrant(answer, rotate());
  });
  const given = { ...scene.provider.grant(), expiresAt: past() };
  const first = put(integration, given);
  await eventually(() => expect(go).toBeDefined());
  await expect(scene.connect({ userId: 'shows', credentials: { main: given } })).rejects.toThrow(
    'refresh_unavailable',
  );
  go?.();
  expect(await first).toMatchObject({ status: 200 });
});

test('who creates an integration and who puts tokens lock in one order', async () => {
  const userId = 'locks';
  const { credentials } = await scene.connect({ userId });
  const id = credentials[0]?.id ?? '';
  const { pool } = scene.system;
  const making = inTransaction(pool, async (client) => {
    await lockGrants(client, { userId, provider: 'acme' });
    const made = scene.connect({
      ...{ userId, credentials: { main: { id }, spare: scene.provider.grant() } },
    });
    await eventually(async () => {
      const { rowCount } = await pool.query(
        `SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory'
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      expect(rowCount).toBe(1);
    });
    // NOWAIT: whoever waits for those grants must not have the row.
    await client.query('SELECT FROM credentials WHERE id = $1 FOR UPDATE NOWAIT', [id]);
    return { made };
  });
  expect((await (await making).made).credentials).toHaveLength(2);
});
