import { type GatewayFixture, gatewayFixture } from '../gateway-fixture';
import { sendGithub } from '../webhooks/github-webhook';

let gateway: GatewayFixture;
beforeAll(async () => {
  const webhook = { scheme: 'github', providerMakesSecret: true } as const;
  gateway = await gatewayFixture({
    providers: {
      bringer: { webhook },
      served: { webhook: { ...webhook, secrets: ['secret of the app'] } },
    },
  });
});
afterAll(() => gateway.close());

const createForward = () =>
  gateway.create({ handler: 'forward', destination: { url: 'http://x' } });

test.each(['webhook', 'destination'])(
  'a %s secret is rotated: a new one beside the old one, then the old one retired',
  async (purpose) => {
    const { id } = await createForward();
    const url = `/v1/integrations/${id}/${purpose}-secrets`;
    const { body: before } = await gateway.call('GET', url);
    expect(before.items).toEqual([
      {
        id: expect.stringMatching(/^sec_/) as unknown,
        createdAt: expect.any(String) as unknown,
      },
    ]);
    const old = before.items[0]?.id ?? '';

    const last = await gateway.call('DELETE', `${url}/${old}`);
    expect(last).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });

    const added = await gateway.call('POST', url);
    expect(added.status).toBe(201);
    expect(added.body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const { rows } = await gateway.pool.query<{ secret: Buffer; purpose: string }>(
      'SELECT secret, purpose FROM integration_secrets WHERE id = $1',
      [added.body.id],
    );
    const context = `integration_secrets.secret:${added.body.id}`;
    expect(rows[0]?.purpose).toBe(purpose);
    expect(gateway.envelope.open(rows[0]?.secret ?? Buffer.alloc(0), context)).toBe(
      added.body.secret,
    );

    expect((await gateway.call('DELETE', `${url}/${old}`)).status).toBe(204);
    const { body: after } = await gateway.call('GET', url);
    expect(after.items.map((item) => item.id)).toEqual([added.body.id]);
    expect(JSON.stringify(after)).not.toContain('whsec_');
  },
);

test('a secret is retired only where it belongs', async () => {
  const one = await createForward();
  const other = await createForward();
  const url = (id: string, purpose = 'webhook') => `/v1/integrations/${id}/${purpose}-secrets`;
  const { body } = await gateway.call('POST', url(one.id));
  for (const wrong of [url(other.id), url(one.id, 'destination')]) {
    const answer = await gateway.call('DELETE', `${wrong}/${body.id}`);
    expect(answer).toMatchObject({ status: 404, body: { error: { code: 'secret_not_found' } } });
  }
  expect((await gateway.call('DELETE', `${url(one.id)}/${body.id}`)).status).toBe(204);
});

test('two that are retired at the same moment leave one', async () => {
  const { id } = await gateway.create();
  const url = `/v1/integrations/${id}/webhook-secrets`;
  await gateway.call('POST', url);
  const { body } = await gateway.call('GET', url);
  const answers = await Promise.all(
    body.items.map((item) => gateway.call('DELETE', `${url}/${item.id}`)),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 400]);
});

test('a sender that makes up its own secret can bring it, if it is one', async () => {
  const { id } = await gateway.create();
  const url = `/v1/integrations/${id}/webhook-secrets`;
  const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
  expect((await gateway.call('POST', url, { secret })).body.secret).toBe(secret);
  const publicKey = 'whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=';
  expect((await gateway.call('POST', url, { secret: publicKey })).body.secret).toBe(publicKey);
  const short = `whsec_${Buffer.alloc(7, 7).toString('base64')}`;
  for (const bad of ['not base64!', short, `${publicKey}=`, 'whpk_AAAA']) {
    expect((await gateway.call('POST', url, { secret: bad })).status).toBe(400);
  }
  // Of the keys, not of the texts.
  const { rows } = await gateway.pool.query(
    `SELECT length FROM integration_secrets WHERE integration_id = $1 AND purpose = 'webhook'
     ORDER BY created_at, id`,
    [id],
  );
  expect(rows).toEqual([{ length: 32 }, { length: 24 }, { length: 32 }]);
});

test('there is an end to it', async () => {
  const { id } = await gateway.create();
  const url = `/v1/integrations/${id}/webhook-secrets`;
  for (let count = 1; count < 10; count++)
    expect((await gateway.call('POST', url)).status).toBe(201);
  expect((await gateway.call('POST', url)).body.error.message).toMatch(/Retire one/);
});

describe('where the provider makes the secret', () => {
  const secret = 'made by the provider';
  const missing = async ({ id }: { id: string }) =>
    (await gateway.call('GET', `/v1/integrations/${id}`)).body as unknown as {
      webhookSecretMissing: boolean;
    };
  const make = (provider: string, fields = {}) =>
    gateway.create({ provider, credentials: undefined, ...fields });

  test('S12 none is made up, nothing is let in until it is brought, and then at once', async () => {
    const integration = await make('bringer');
    expect(integration).toMatchObject({ webhookSecret: null, webhookSecretMissing: true });
    const hooks = `/webhooks/${integration.id}`;
    const refused = { status: 401, body: { error: { code: 'no_secret' } } };
    expect(await sendGithub(gateway, hooks, secret)).toMatchObject(refused);
    const url = `/v1/integrations/${integration.id}/webhook-secrets`;
    expect(await gateway.call('POST', url)).toMatchObject({
      ...{
        status: 400,
        body: { error: { message: expect.stringContaining('body.secret:') as string } },
      },
    });
    // The gateway has just read that there is none.
    expect(await sendGithub(gateway, hooks, secret)).toMatchObject(refused);
    const { body: brought } = await gateway.call('POST', url, { secret });
    expect(await sendGithub(gateway, hooks, secret)).toMatchObject({ status: 202 });
    expect(await missing(integration)).toMatchObject({ webhookSecretMissing: false });
    expect(await gateway.call('DELETE', `${url}/${brought.id}`)).toMatchObject({ status: 400 });
  });

  test('one that is given at the creation counts, and so does the application’s', async () => {
    const given = await make('bringer', { webhookSecret: secret });
    expect(given).toMatchObject({ webhookSecret: secret, webhookSecretMissing: false });
    const served = await make('served');
    expect(served).toMatchObject({ webhookSecret: null, webhookSecretMissing: false });
  });
});
