import { isOwnWebhookAddress } from '../../../src/gateway/api/operations/own-webhook-address';
import { type GatewayFixture, gatewayFixture } from '../gateway-fixture';

let denying: GatewayFixture;
let allowing: GatewayFixture;
beforeAll(async () => {
  denying = await gatewayFixture({ config: { privateDestinations: 'deny' } });
  allowing = await gatewayFixture();
});
afterAll(async () => {
  await denying.close();
  await allowing.close();
});

let created = 0;
const create = (gateway: GatewayFixture, url: string) =>
  gateway.call('POST', '/v1/integrations', {
    userId: `user-${++created}`,
    name: 'contacts',
    provider: 'hooks',
    destination: { url },
  });

const refusal = {
  status: 400,
  body: {
    error: {
      code: 'invalid_request',
      message:
        'body.destination.url: must not lead to a private or link-local address; HOLDFAST_PRIVATE_DESTINATIONS can allow private ones.',
    },
  },
};

const privateUrls = [
  'http://127.0.0.1:4000/',
  'http://localhost:4000/',
  'https://app.localhost./',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://10.0.0.1/',
  'http://[::1]/',
  'http://[::ffff:10.0.0.1]/',
  'http://0.0.0.0/',
];

test.each(privateUrls)('%s is refused where private destinations are, else taken', async (url) => {
  expect(await create(denying, url)).toMatchObject(refusal);
  expect(await create(allowing, url)).toMatchObject({ status: 201 });
});

test.each(['http://169.254.169.254/latest/', 'http://[fe80::1]/', 'http://[fd00:ec2::254]/'])(
  '%s is refused always',
  async (url) => {
    expect(await create(denying, url)).toMatchObject(refusal);
    expect(await create(allowing, url)).toMatchObject(refusal);
  },
);

test.each([
  ['ftp://app.example/', 'body.destination.url: must be an http or https address.'],
  ['app.example', 'body.destination.url: must be an http or https address.'],
  ['http://[fe80::1%25eth0]/', 'body.destination.url: must be an http or https address.'],
  ['http://app.example:65536/', 'body.destination.url: must be an http or https address.'],
  ['http://app.example:0/', 'body.destination.url: must not have port 0.'],
  ['http://u:p@app.example/', 'body.destination.url: must not hold a user name or password.'],
])('%s is refused', async (url, message) => {
  const error = { code: 'invalid_request', message };
  expect(await create(allowing, url)).toMatchObject({ status: 400, body: { error } });
});

test('names are taken: where they lead is looked at when they are connected to', async () => {
  const answer = await create(denying, 'https://app.internal.example:8443/hooks');
  expect(answer).toMatchObject({ status: 201 });
  const { id } = answer.body;
  const change = (url: string) =>
    denying.call('PATCH', `/v1/integrations/${id}`, { destination: { url } });
  expect(await change('http://192.168.0.1/')).toMatchObject(refusal);
  expect(await change('http://8.8.8.8/')).toMatchObject({ status: 200 });
});

describe("Holdfast's own servers", () => {
  let gateway: GatewayFixture;
  beforeAll(async () => {
    const ownServers = [
      { host: 'localhost', port: 7243 },
      { host: 'db.internal', port: 5432 },
      { host: '10.0.0.5', port: 7233 },
    ];
    gateway = await gatewayFixture({ config: { ownServers } });
  });
  afterAll(() => gateway.close());

  test.each([
    'http://127.0.0.1:7243/api/v1/namespaces/default/workflows/w/signal/s',
    'http://localhost:7243/',
    'http://[::]:7243/',
    'http://0.0.0.0:7243/',
    'https://db.internal/',
    'http://DB.internal.:5432/',
    'http://10.0.0.5/',
    'http://[::ffff:a00:5]:8080/',
  ])('%s is refused, though private destinations are allowed', async (url) => {
    const message =
      "body.destination.url: must not lead to Holdfast's own Postgres or Temporal; give the application another host or port.";
    expect(await create(gateway, url)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', message } },
    });
  });

  test.each(['http://127.0.0.1:7244/', 'http://app.db.internal/', 'http://10.0.0.6:7233/'])(
    '%s is beside them',
    async (url) => expect(await create(gateway, url)).toMatchObject({ status: 201 }),
  );
});

const loop = {
  status: 400,
  body: {
    error: {
      code: 'invalid_request',
      message:
        'body.destination.url: must not be an address at which Holdfast takes webhooks: each would come in again as a new one.',
    },
  },
};

test.each([
  'https://holdfast.example/webhooks/int_1',
  'http://HOLDFAST.example./webhooks/apps/github?a=b',
  'https://holdfast.example:443//%77ebhooks/x',
  'http://127.0.0.1:3000/webhooks/int_1',
  'http://localhost:3000/webhooks/int_1',
  'http://[::1]:3000/webhooks/int_1',
  'http://0.0.0.0:3000/webhooks/int_1',
  'http://[::ffff:127.0.0.1]:3000/a/../webhooks/int_1',
])('%s would be a loop', async (url) => {
  expect(await create(allowing, url)).toMatchObject(loop);
  const { id } = await allowing.create({ userId: `user-${++created}` });
  const changed = await allowing.call('PATCH', `/v1/integrations/${id}`, { destination: { url } });
  expect(changed).toMatchObject(loop);
});

test.each([
  'https://holdfast.example/hooks',
  'https://holdfast.example:8443/webhooks/int_1',
  'https://app.holdfast.example/webhooks/int_1',
  'http://127.0.0.1:3001/webhooks/int_1',
  'http://10.0.0.1:3000/webhooks/int_1',
])('%s leads elsewhere', async (url) => {
  expect(await create(allowing, url)).toMatchObject({ status: 201 });
});

test('where the public address has a path, its webhooks are under that path', () => {
  const config = { publicUrl: 'https://example.com/holdfast', host: '10.0.0.5', port: 3000 };
  const isOwn = (url: string) => isOwnWebhookAddress(new URL(url), config);
  expect(isOwn('https://example.com/holdfast/webhooks/int_1')).toBe(true);
  expect(isOwn('https://example.com/webhooks/int_1')).toBe(false);
  expect(isOwn('https://example.com/holdfast/other')).toBe(false);
  expect(isOwn('http://10.0.0.5:3000/webhooks/int_1')).toBe(true);
  expect(isOwn('http://127.0.0.1:3000/holdfast/webhooks/int_1')).toBe(true);
});
