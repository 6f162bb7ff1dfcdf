import { readIntegrationFacts } from '../../../src/db/queries/integrations/status';
import { decideStatus } from '../../../workflows/decide-status';
import { workflowIds } from '../../../workflows/contract/ids';
import { eventually } from '../../support/eventually';
import { type GatewayFixture, gatewayFixture } from '../gateway-fixture';

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture();
});
afterAll(() => gateway.close());

const forward = {
  userId: 'ada',
  name: 'forwarded',
  provider: 'acme',
  destination: { url: 'http://127.0.0.1:9/hooks' },
};

const rfc3339 = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown;

test('with OAuth and no credential it is in ERROR until its user connects, at transition 0 and without a notice', async () => {
  const { status, body } = await gateway.call('POST', '/v1/integrations', forward);
  expect(status).toBe(201);
  expect(body).toEqual({
    id: expect.stringMatching(/^int_[0-9a-f]{32}$/) as unknown,
    userId: 'ada',
    name: 'forwarded',
    provider: 'acme',
    metadata: null,
    status: 'ERROR',
    health: 'new',
    reason: {
      code: 'not_connected',
      credential: 'main',
      message: 'The credential "main" was never connected. Reconnect to go on.',
      by: 'system',
      since: rfc3339,
    },
    hold: null,
    transition: 0,
    credentials: [
      {
        name: 'main',
        id: expect.stringMatching(/^crd_/) as unknown,
        version: 0,
        state: 'missing',
        code: 'not_connected',
        accountId: null,
        expiresAt: null,
        refreshExpiresAt: null,
        scopes: null,
        verifiedAt: null,
        external: false,
        accountProven: false,
        degradedSince: null,
        lastSuccessAt: null,
        lastFailureAt: null,
      },
    ],
    inbox: {
      ...{ pending: 0, failed: 0, handled: 0, discarded: 0, expired: 0 },
      ...{ bytes: 0, oldestPendingAt: null },
    },
    webhookUrl: `https://holdfast.example/webhooks/${body.id}`,
    deliveryHealth: { state: 'ok', since: null, error: null, nextAttemptAt: null },
    webhookSecretMissing: false,
    temporalUrl: null,
    temporalUserUrl: null,
    webhookSecret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/) as unknown,
    handler: 'forward',
    handling: { order: 'strict', concurrency: 5, maxAttempts: 8, giveUpAfterSeconds: 3600 },
    destination: {
      url: 'http://127.0.0.1:9/hooks',
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/) as unknown,
    },
    whenError: 'keep',
    whenDisabled: 'discard',
    whenTokenUnavailable: 'wait',
    createdAt: rfc3339,
  });
  const transitions = await gateway.call('GET', `/v1/integrations/${body.id}/transitions`);
  expect(transitions.body.items).toEqual([
    {
      ...{ number: 0, from: null, to: 'ERROR', code: 'not_connected', by: 'application' },
      ...{ credential: 'main', version: 0, at: rfc3339 },
      reason: 'The credential "main" was never connected. Reconnect to go on.',
    },
  ]);
  expect((await gateway.pool.query('SELECT 1 FROM notices')).rowCount).toBe(0);
});

test('S4 the reason that a new integration is shown with is the one that its actor would give', async () => {
  const dead = await gateway.create({ userId: 'mary' });
  const unconnected = await gateway.create({
    ...{ userId: 'mary', name: 'unconnected', credentials: undefined },
  });
  await gateway.pool.query(
    `UPDATE credentials SET state = 'dead', code = 'rotation_lost' WHERE id = $1`,
    [dead.credentials[0]?.id],
  );
  const share = ({ credentials: [one] }: typeof dead) => ({ id: one?.id });
  const created = await gateway.create({
    ...{ userId: 'mary', name: 'both', credentials: { b: share(dead), C: share(unconnected) } },
  });
  expect(created).toMatchObject({
    status: 'ERROR',
    reason: {
      ...{ code: 'rotation_lost', credential: 'b' },
      message: expect.stringMatching(
        /^The credentials "b" was lost: .*, and "C" was never connected\. Reconnect to go on\.$/,
      ) as unknown,
    },
  });
  const facts = await readIntegrationFacts(gateway.pool, created.id);
  expect(facts?.reason?.credentials).toEqual(['b', 'C']);
  expect(facts && decideStatus(facts)).toEqual({ kind: 'none' });
});

test('secrets are shown once and stored sealed, each for its own row only', async () => {
  const created = await gateway.create({ ...forward, userId: 'grace' });
  const shown = await gateway.call('GET', `/v1/integrations/${created.id}`);
  expect(JSON.stringify(shown.body)).not.toContain('whsec_');
  const { rows } = await gateway.pool.query<{ id: string; purpose: string; secret: Buffer }>(
    'SELECT id, purpose, secret FROM integration_secrets WHERE integration_id = $1',
    [created.id],
  );
  const opened = rows.map(({ id, purpose, secret }) => [
    purpose,
    gateway.envelope.open(secret, `integration_secrets.secret:${id}`),
  ]);
  expect(Object.fromEntries(opened)).toEqual({
    webhook: created.webhookSecret,
    destination: created.destination.secret,
  });
});

test('with tokens it is ENABLED, its credential is alive at version 1, sealed and due ahead of its expiry', async () => {
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const tokens = { accessToken: 'at-1', refreshToken: 'rt-1', expiresAt, scope: 'a b' };
  const created = await gateway.create({
    credentials: { main: { ...tokens, accountId: 'account-7' } },
  });
  expect(created).toMatchObject({
    status: 'ENABLED',
    health: 'healthy',
    reason: null,
    transition: 0,
    destination: null,
    credentials: [
      { name: 'main', version: 1, state: 'alive', code: null, accountId: 'account-7', expiresAt },
    ],
  });
  const [{ id } = { id: '' }] = created.credentials;
  const { rows } = await gateway.pool.query<{
    access_token: Buffer;
    refresh_token: Buffer;
    scope: string;
    refresh_at: Date;
    webhook_account: string;
  }>(
    `SELECT access_token, refresh_token, scope, refresh_at, webhook_account
     FROM credentials k, integrations i WHERE k.id = $1 AND i.id = $2`,
    [id, created.id],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('no row');
  expect(gateway.envelope.open(row.access_token, `credentials.access_token:${id}`)).toBe('at-1');
  expect(gateway.envelope.open(row.refresh_token, `credentials.refresh_token:${id}`)).toBe('rt-1');
  expect(row).toMatchObject({ scope: 'a b', webhook_account: 'account-7' });
  expect(row.refresh_at.getTime()).toBeLessThan(Date.parse(expiresAt) - 5 * 60_000);
});

test('a credential is shared with another integration of the same user and provider, and with nobody else', async () => {
  const first = await gateway.create({ userId: 'emmy', name: 'first' });
  const main = { id: first.credentials[0]?.id };
  const second = await gateway.create({ userId: 'emmy', name: 'second', credentials: { main } });
  expect(second).toMatchObject({ status: 'ENABLED', credentials: [{ id: main.id, version: 1 }] });

  const others = [
    { userId: 'mallory', provider: 'acme' },
    { userId: 'emmy', provider: 'hooks' },
  ];
  for (const other of others) {
    const refused = await gateway.call('POST', '/v1/integrations', {
      ...{ name: 'third', handler: 'sync', credentials: { main } },
      ...other,
    });
    expect(refused).toMatchObject({
      status: 404,
      body: { error: { code: 'credential_not_found' } },
    });
  }
  expect(
    (await gateway.pool.query("SELECT 1 FROM integrations WHERE name = 'third'")).rowCount,
  ).toBe(0);
});

test('sharing a dead credential begins in ERROR with its reason', async () => {
  const first = await gateway.create({ userId: 'noether', name: 'first' });
  const id = first.credentials[0]?.id;
  await gateway.pool.query(
    "UPDATE credentials SET state = 'dead', code = 'invalid_grant' WHERE id = $1",
    [id],
  );
  const second = await gateway.create({
    ...{ userId: 'noether', name: 'second', credentials: { main: { id } } },
  });
  expect(second).toMatchObject({
    status: 'ERROR',
    health: 'dead',
    transition: 0,
    reason: { code: 'invalid_grant', credential: 'main', by: 'system' },
  });
});

test('a provider without OAuth needs no credential, and takes a secret of its own making', async () => {
  const created = await gateway.create({
    ...{ provider: 'hooks', credentials: undefined, webhookSecret: "It's a Secret to Everybody" },
  });
  expect(created).toMatchObject({
    ...{ status: 'ENABLED', health: 'healthy', credentials: [] },
    webhookSecret: "It's a Secret to Everybody",
  });
});

test('a name that the user already has is 409, and of two at the same moment one wins', async () => {
  const body = { ...forward, userId: 'hopper' };
  const both = await Promise.all([
    gateway.call('POST', '/v1/integrations', body),
    gateway.call('POST', '/v1/integrations', body),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
  const refused = both.find(({ status }) => status === 409);
  expect(refused?.body.error.code).toBe('name_taken');
  expect((await gateway.call('POST', '/v1/integrations', body)).status).toBe(409);
  const left = await gateway.pool.query("SELECT 1 FROM credentials WHERE user_id = 'hopper'");
  expect(left.rowCount).toBe(1);
});

test('what fills the addresses of a provider is checked by its rule and kept with both rows', async () => {
  const shop = { provider: 'shop', credentials: undefined };
  await expect(gateway.create(shop)).rejects.toThrow('body.parameters.shop: is missing');
  for (const bad of ['evil.example', 'a.shops.example.evil.example', 'a/b.shops.example']) {
    await expect(gateway.create({ ...shop, parameters: { shop: bad } })).rejects.toThrow(
      'body.parameters.shop',
    );
  }
  await expect(
    gateway.create({ ...shop, parameters: { shop: 'a.shops.example', other: 'x' } }),
  ).rejects.toThrow('body.parameters.other: is no parameter');
  await expect(
    gateway.create({ ...shop, parameters: { shpo: 'a.shops.example' } }),
  ).rejects.toThrow('of this provider (Did you mean "shop"?).');
  const parameters = { shop: 'a.shops.example' };
  const created = await gateway.create({ ...shop, parameters });
  const { rows } = await gateway.pool.query(
    `SELECT i.parameters AS of_integration, k.parameters AS of_credential
     FROM integrations i, credentials k WHERE i.id = $1 AND k.id = $2`,
    [created.id, created.credentials[0]?.id],
  );
  expect(rows).toEqual([{ of_integration: parameters, of_credential: parameters }]);
});

test('S31 a shared credential has the parameters that it was connected with, and no integration names others', async () => {
  const grant = { accessToken: 'shared-access', refreshToken: 'shared-refresh' };
  const shop = (name: string, fields: object) => ({
    ...{ userId: 'carla', provider: 'shop', name, handler: 'sync', ...fields },
  });
  const [one, other] = [{ shop: 'a.shops.example' }, { shop: 'b.shops.example' }];
  const first = await gateway.create(shop('1', { parameters: one, credentials: { main: grant } }));
  const main = { id: first.credentials[0]?.id };
  for (const credentials of [{ main }, { main: grant }]) {
    const refused = await gateway.call(
      ...(['POST', '/v1/integrations'] as const),
      shop('2', { parameters: other, credentials }),
    );
    expect(refused).toMatchObject({
      ...{ status: 409, body: { error: { code: 'parameters_mismatch' } } },
    });
  }
  const [left, same] = [
    await gateway.create(shop('3', { parameters: undefined, credentials: { main } })),
    await gateway.create(shop('4', { parameters: one, credentials: { main: grant } })),
  ];
  const { rows } = await gateway.pool.query(
    'SELECT DISTINCT parameters::text FROM integrations WHERE id = ANY ($1)',
    [[left.id, same.id]],
  );
  expect(rows).toEqual([{ parameters: JSON.stringify(one) }]);

  // Nor by tokens that are put: another shop's credential would be joined.
  const apart = await gateway.create(
    shop('5', { parameters: other, credentials: { main: { accessToken: 'another' } } }),
  );
  const put = await gateway.call('PUT', `/v1/integrations/${apart.id}/credentials/main`, grant);
  expect(put).toMatchObject({ status: 409, body: { error: { code: 'parameters_mismatch' } } });
});

test('its actors are started', async () => {
  const { id, credentials } = await gateway.create();
  const { workflow } = gateway.temporal.client;
  const expected = [workflowIds.integration(id), workflowIds.credential(credentials[0]?.id ?? '')];
  for (const workflowId of expected) {
    const { status } = await eventually(() => workflow.getHandle(workflowId).describe());
    expect(status.name).toBe('RUNNING');
  }
});

test('metadata with what jsonb would refuse comes back as it was', async () => {
  const metadata = { plan: 'a\u0000b', half: '\uD800', nested: [{ é: '🐙' }] };
  const { id } = await gateway.create({ metadata });
  const shown = await gateway.call('GET', `/v1/integrations/${id}`);
  expect(shown.body).toMatchObject({ metadata });
});
