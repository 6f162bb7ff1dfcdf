import { eventually } from '../../support/eventually';
import { answerJson } from '../../support/doubles/oauth-server';
import {
  type NoticeReceiver,
  startNoticeReceiver,
} from '../../support/doubles/notification-receiver';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';

let scene: Scene;
let receiver: NoticeReceiver;
beforeAll(async () => {
  receiver = await startNoticeReceiver();
  // Its account address is what it can be asked at.
  scene = await startScene({ config: receiver.config, withAccount: true });
}, 60_000);
afterAll(async () => {
  await scene.close();
  await receiver.close();
}, 60_000);
afterEach(() => {
  scene.provider.behave(undefined);
  scene.provider.behaveApi(undefined);
});

const put = ({ id }: IntegrationBody, tokens: object) =>
  scene.system.api<{ version: number; error: { code: string } }>(
    'PUT',
    `/v1/integrations/${id}/credentials/main`,
    tokens,
  );

const rejected = { status: 422, body: { error: { code: 'tokens_rejected' } } };
const past = () => new Date(Date.now() - 1_000).toISOString();

const token = async ({ id }: IntegrationBody) =>
  (await scene.system.api<{ accessToken: string }>('GET', `/v1/integrations/${id}/token`)).body
    .accessToken;

async function row({ id }: IntegrationBody) {
  const { rows } = await scene.system.pool.query<{ id: string; verified: boolean; state: string }>(
    `SELECT k.id, k.verified_at IS NOT NULL AS verified, k.state FROM integration_credentials l
     JOIN credentials k ON k.id = l.credential_id WHERE l.integration_id = $1`,
    [id],
  );
  return rows[0];
}

const noticesOf = async ({ id }: IntegrationBody) => {
  const { rows } = await scene.system.pool.query<{ type: string }>(
    'SELECT type FROM notices WHERE integration_id = $1 ORDER BY sequence',
    [id],
  );
  return rows.map(({ type }) => type);
};

/** In ERROR, with one webhook parked; the grant is dead at the provider. */
async function broken(): Promise<IntegrationBody> {
  const integration = await scene.connect({ fields: { userId: `user-${Math.random()}` } });
  scene.provider.revokeAll();
  await scene.system.api('POST', `/v1/integrations/${integration.id}/token/reject`, { version: 1 });
  await scene.until(integration.id, 'ERROR');
  await scene.webhook(integration);
  return integration;
}

test('S58 tokens of a dead grant: no transition, no notification, nothing forwarded', async () => {
  const integration = await broken();
  const dead = scene.provider.grant();
  scene.provider.revokeAll();
  const forwarded = scene.destination.received.length;
  const shown = scene.provider.tokenCalls();
  expect(await put(integration, dead)).toMatchObject(rejected);
  expect(scene.provider.tokenCalls()).toBe(shown + 1);
  expect(await put(integration, { accessToken: dead.accessToken })).toMatchObject(rejected);
  expect(await put(integration, { ...dead, expiresAt: past() })).toMatchObject(rejected);
  expect(await scene.show(integration.id)).toMatchObject({
    ...{ status: 'ERROR', transition: 1, inbox: { pending: 1 } },
    credentials: [{ version: 1, state: 'dead' }],
  });
  expect(await noticesOf(integration)).toEqual(['integration.error']);
  expect(scene.destination.received).toHaveLength(forwarded);
});

test('S58 tokens of a living grant: verified with the access token alone, ENABLED, and what was parked is handled', async () => {
  const integration = await broken();
  const shown = scene.provider.tokenCalls();
  const since = performance.now();
  expect(await put(integration, scene.provider.grant())).toMatchObject({ status: 200 });
  await scene.until(integration.id, 'ENABLED');
  expect(performance.now() - since).toBeLessThan(2_000);
  expect(scene.provider.tokenCalls()).toBe(shown);
  expect(await row(integration)).toMatchObject({ verified: true, state: 'alive' });
  await eventually(async () =>
    expect((await scene.show(integration.id)).inbox).toMatchObject({ pending: 0, handled: 1 }),
  );
});

test('S32 an access token that has ended: the refresh token is shown once, and what it brings is stored', async () => {
  const integration = await broken();
  const given = scene.provider.grant();
  const shown = scene.provider.tokenCalls();
  expect(await put(integration, { ...given, expiresAt: past() })).toMatchObject({
    ...{ status: 200, body: { version: 2 } },
  });
  await scene.until(integration.id, 'ENABLED');
  expect(await token(integration)).not.toBe(given.accessToken);
  expect(await row(integration)).toMatchObject({ verified: true });
  expect(scene.provider.tokenCalls()).toBe(shown + 1);
  // Now it is known to be rotated away: nobody is asked, though the access token of before still lives.
  const asked = scene.provider.apiCalls();
  expect(await put(integration, given)).toMatchObject(rejected);
  expect([scene.provider.tokenCalls(), scene.provider.apiCalls()]).toEqual([shown + 1, asked]);
  expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED', transition: 2 });
});

test('S58 what the provider does not answer is stored, and not taken for verified', async () => {
  const integration = await broken();
  scene.provider.behaveApi((answer) => answerJson(answer, 503, {}));
  scene.provider.behave((answer) => answerJson(answer, 503, {}));
  expect(await put(integration, scene.provider.grant())).toMatchObject({ status: 200 });
  await scene.until(integration.id, 'ENABLED');
  expect(await row(integration)).toMatchObject({ verified: false });
  // Of a refresh that was not answered too.
  const ended = { ...scene.provider.grant(), expiresAt: past() };
  expect(await put(integration, ended)).toMatchObject({ status: 200, body: { version: 3 } });
  expect((await row(integration))?.verified).toBe(false);
});

test('S32 tokens that a refresh is just using up are not stored over it', async () => {
  const grant = scene.provider.grant();
  const integration = await scene.connect({ credentials: { main: grant } });
  await scene.system.pool.query(
    `UPDATE credentials SET presenting_version = version, presenting_attempt = 'another',
       presenting_until = now() + interval '1 minute' WHERE id = $1`,
    [integration.credentials[0]?.id],
  );
  const shown: string[] = [];
  scene.provider.behave((answer, _rotate, refreshToken) => {
    shown.push(refreshToken);
    answerJson(answer, 503, {});
  });
  for (const tokens of [grant, { ...grant, expiresAt: past() }]) {
    expect(await put(integration, tokens)).toMatchObject({
      ...{ status: 503, body: { error: { code: 'refresh_unavailable' } } },
    });
  }
  expect(shown).not.toContain(grant.refreshToken);
  expect(await scene.show(integration.id)).toMatchObject({ credentials: [{ version: 1 }] });
});
