import { createHmac, randomUUID } from 'node:crypto';
import type { ProviderDeclaration } from '../../../src/providers/provider';
import { eventually } from '../../support/eventually';
import {
  type ConnectOptions,
  type IntegrationBody,
  type Scene,
  sendWebhook,
  startScene,
} from '../../support/scenes/scene';

const secret = `whsec_${Buffer.from('the secret of the application').toString('base64')}`;
const uninstalled = (account = 'one') => JSON.stringify({ type: 'app_uninstalled', account });

/** Nothing is asked by the clock while a test runs: whatever is asked is asked for an event. */
let scene: Scene;
beforeAll(async () => {
  const at = (path: string, { oauth }: ProviderDeclaration) =>
    new URL(path, oauth?.tokenUrl).toString();
  scene = await startScene({
    declare: () => ({
      webhook: {
        ...{ scheme: 'standard-webhooks', secrets: [secret], accountPointer: '/account' },
        deathEvents: ['app_uninstalled'],
      },
    }),
    alike: {
      probing: (like) => ({ ...like, probe: { url: at('/me', like), everySeconds: 3_600 } }),
      hub: (like) => ({
        ...like,
        probe: { url: at('/me', like), everySeconds: 3_600 },
        webhook: {
          ...{ scheme: 'github', secrets: [secret], accountPointer: '/account' },
          deathEvents: ['app_uninstalled'],
        },
      }),
      known: (like) => ({
        ...like,
        ...(like.oauth === undefined
          ? {}
          : { oauth: { ...like.oauth, account: { url: at('/me', like), pointer: '/id' } } }),
      }),
    },
  });
}, 60_000);
afterAll(() => scene.close());
afterEach(() => scene.provider.behaveApi(undefined));

let connected = 0;
/** Of an account of its own. */
async function connect(provider: string, tokens?: 'lasting') {
  const accountId = `account-${++connected}`;
  scene.provider.signedInAs(accountId);
  const { accessToken, refreshToken } = scene.provider.grant();
  const main =
    tokens === 'lasting'
      ? { accessToken, accountId }
      : { accessToken, refreshToken, accountId, expiresAt: inAnHour() };
  const options: ConnectOptions = { credentials: { main }, fields: { provider } };
  return { integration: await scene.connect(options), accountId, provider };
}
type Connected = Awaited<ReturnType<typeof connect>>;
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

const toApplication = ({ provider, accountId }: Connected, account = accountId, key = secret) =>
  sendWebhook(
    scene.system.url,
    { id: `apps/${provider}`, webhookSecret: key },
    { body: uninstalled(account) },
  );

const asked = () => scene.provider.apiCalls() + scene.provider.tokenCalls();
const row = async ({ credentials }: IntegrationBody) => {
  const { rows } = await scene.system.pool.query<{ foretold: boolean; probeInMs: number | null }>(
    `SELECT death_event_at IS NOT NULL AS foretold,
            extract(epoch FROM probe_at - now())::float8 * 1000 AS "probeInMs"
     FROM credentials WHERE id = $1`,
    [credentials[0]?.id],
  );
  return rows[0];
};
/** Sooner than a provider without a refresh token would be asked a second time, not to speak of the next probe. */
const untilError = ({ id }: IntegrationBody) =>
  eventually(async () => {
    const shown = await scene.show(id);
    expect(shown.status).toBe('ERROR');
    return shown;
  });
/** The provider was asked, and took the token. */
const untilAccepted = async (integration: IntegrationBody) =>
  eventually(async () => {
    expect((await row(integration))?.probeInMs).toBeGreaterThan(60_000);
  });

test.each([
  ['probing', 'lasting', 'revoked'],
  ['probing', undefined, 'invalid_grant'],
  ['known', 'lasting', 'revoked'],
  ['acme', undefined, 'invalid_grant'],
] as const)(
  'S39 an event that says so ends a grant at once that is gone: %s, %s',
  async (provider, tokens, code) => {
    const connection = await connect(provider, tokens);
    scene.provider.revokeAll();
    const { outcome } = await toApplication(connection);
    expect(outcome).toBe('accepted');
    expect(await untilError(connection.integration)).toMatchObject({ reason: { code } });
    // The event itself is a webhook like any other.
    const { inbox } = await scene.show(connection.integration.id);
    expect(inbox.pending + inbox.handled).toBe(1);
  },
);

test('S39 a grant that lives outlives the event, which is asked about once a minute for an account', async () => {
  const connection = await connect('probing');
  const { integration } = connection;
  await eventually(async () => expect((await row(integration))?.probeInMs).toBeGreaterThan(0));
  const before = asked();
  for (let event = 0; event < 3; event++) await toApplication(connection);
  await untilAccepted(integration);
  await toApplication(connection);
  expect((await row(integration))?.probeInMs).toBeGreaterThan(60_000);
  expect(asked()).toBe(before + 1);
  await scene.system.pool.query(
    `UPDATE credentials SET death_event_at = death_event_at - interval '1 minute', probe_at = NULL
     WHERE id = $1`,
    [integration.credentials[0]?.id],
  );
  await toApplication(connection);
  await untilAccepted(integration);
  expect(asked()).toBe(before + 2);
  expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED', transition: 0 });
});

test('S39 a replayed body under forged types and ids, which nobody signs, has the provider asked once a minute', async () => {
  const connection = await connect('hub');
  const { integration, accountId } = connection;
  await eventually(async () => expect((await row(integration))?.probeInMs).toBeGreaterThan(0));
  const before = asked();
  const replay = async (path: string, key: string, type: string) => {
    const body = JSON.stringify({ account: accountId });
    const signature = createHmac('sha256', key).update(body).digest('hex');
    const { status } = await fetch(`${scene.system.url}/webhooks/${path}`, {
      ...{ method: 'POST', body },
      headers: {
        ...{ 'x-hub-signature-256': `sha256=${signature}`, 'x-github-event': type },
        'x-github-delivery': randomUUID(),
      },
    });
    expect(status).toBe(202);
  };
  const ways = [
    ['apps/hub', secret] as const,
    [integration.id, integration.webhookSecret] as const,
  ];
  const flood = () =>
    Promise.all(
      ways.flatMap(([path, key]) =>
        Array.from({ length: 10 }, () => replay(path, key, 'app_uninstalled')),
      ),
    );
  for (const [path, key] of ways) await replay(path, key, 'push');
  expect(await row(integration)).toMatchObject({ foretold: false });
  await flood();
  await untilAccepted(integration);
  await flood();
  expect((await row(integration))?.probeInMs).toBeGreaterThan(60_000);
  expect(asked()).toBe(before + 1);
});

test('S39 a provider that has no address to ask is asked by a refresh', async () => {
  const connection = await connect('acme');
  const before = scene.provider.apiCalls();
  await toApplication(connection);
  await eventually(async () => {
    const { credentials, status } = await scene.show(connection.integration.id);
    expect({ status, version: credentials[0]?.version }).toEqual({ status: 'ENABLED', version: 2 });
  });
  expect(scene.provider.apiCalls()).toBe(before);
});

test('S30 a provider that can’t say is asked again soon, and nothing dies meanwhile', async () => {
  const connection = await connect('known', 'lasting');
  scene.provider.behaveApi((answer) => void answer.writeHead(503).end());
  await toApplication(connection);
  await eventually(async () => {
    const { probeInMs } = (await row(connection.integration)) ?? {};
    expect(probeInMs).toBeGreaterThan(60_000);
    expect(probeInMs).toBeLessThan(301_000);
  });
  expect(await scene.show(connection.integration.id)).toMatchObject({ status: 'ENABLED' });
});

test('S39 a credential is found dead also while its integration is switched off', async () => {
  const connection = await connect('probing', 'lasting');
  const { integration } = connection;
  await scene.system.api('POST', `/v1/integrations/${integration.id}/disable`, {});
  scene.provider.revokeAll();
  expect((await scene.webhook(integration, { body: uninstalled() })).outcome).toBe('discarded');
  await eventually(async () =>
    expect(await scene.show(integration.id)).toMatchObject({
      ...{ status: 'DISABLED', credentials: [{ state: 'dead' }] },
    }),
  );
});

test('S12 what is not verified, of another type or of another account asks nothing', async () => {
  const connection = await connect('probing', 'lasting');
  const { integration } = connection;
  const forged = await toApplication(connection, undefined, 'whsec_YW5vdGhlciBzZWNyZXQgYWxl');
  expect(forged.status).toBe(401);
  await toApplication(connection, 'nobody');
  await scene.webhook(integration, { body: '{"type":"contact.updated"}' });
  // It is noted before the sender is answered.
  expect(await row(integration)).toMatchObject({ foretold: false });
});
