import { createHash } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { createDestinationAgent } from '../../../src/destinations/agent';
import { forward, type ForwardOptions } from '../../../src/handlers/forward/forward';
import type { StoredDelivery } from '../../../src/handlers/custom/delivery';
import { delivery, secret } from '../deliveries';
import { forwardOptions, requestTo } from './forwarding';
import { closeServers, deadOrigin, httpServer } from '../loopback';
import { openRules } from '../../support/connections';

const dispatcher = createDestinationAgent(openRules);
const options = (changed: Partial<ForwardOptions> = {}) => forwardOptions(dispatcher, changed);
afterEach(closeServers);
afterAll(() => dispatcher.close());

test('the bytes as received arrive, signed, with what they are about', async () => {
  const { origin, received } = await httpServer((response) => response.end('thanks'));
  const body = Buffer.from([0x7b, 0xff, 0x00, 0x0a, 0x7d]);
  const result = await forward(requestTo(origin, { delivery: delivery({ body }) }), options());
  expect(result).toEqual({ kind: 'handled', status: 200, answer: 'thanks' });
  expect(received).toHaveLength(1);
  expect(received[0]).toMatchObject({
    path: '/hooks?team=1',
    body,
    headers: {
      'content-type': 'application/json',
      'content-length': '5',
      'webhook-id': 'dlv_1',
      'holdfast-integration': 'int_1',
      'holdfast-user': 'user-1',
      'holdfast-provider': 'acme',
      'holdfast-received-at': '2026-11-21T09:00:00.000Z',
      'holdfast-attempt': '1',
      'holdfast-sequence': '42',
      'holdfast-credential-version': '3',
    },
  });
});

test('the official verifier takes it with each of the secrets', async () => {
  const { origin, received } = await httpServer((response) => response.end());
  const secrets = [secret, 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'];
  await forward(requestTo(origin, { secrets }), options());
  for (const key of secrets) {
    const { body = '', headers = {} } = received[0] ?? {};
    expect(new Webhook(key).verify(body, headers as Record<string, string>)).toEqual({ id: 7 });
  }
});

test('original headers come along, less credentials, the connection’s, and any that pose as ours', async () => {
  const { origin, received } = await httpServer((response) => response.end());
  const headers = [
    ...[
      ['X-Twice', '1'],
      ['X-Name', Buffer.from('Zoë').toString('latin1')],
      ['x-twice', '2'],
    ],
    ...[
      ['Host', 'us.example'],
      ['Authorization', 'Bearer x'],
      ['Cookie', 'a=b'],
      ['Content-Length', '9'],
    ],
    ...[
      ['Connection', 'close, x-hop'],
      ['X-Hop', '1'],
      ['Transfer-Encoding', 'chunked'],
      ['Expect', '100-continue'],
    ],
    ...[
      ['Webhook-Id', 'msg_1'],
      ['webhook-timestamp', '12'],
      ['webhook-signature', 'v1,x'],
    ],
    ...[
      ['Holdfast-User', 'someone-else'],
      ['holdfast-original-webhook-id', 'forged'],
    ],
  ] as [string, string][];
  await forward(
    requestTo(origin, { delivery: delivery({ headers }), credentialVersion: null }),
    options(),
  );
  const pairs = received[0]?.rawHeaders ?? [];
  const seen = pairs.flatMap((name, index) =>
    index % 2 ? [] : [`${name}: ${pairs[index + 1] ?? ''}`],
  );
  expect(
    seen.filter((line) => !/^(webhook-|holdfast-(?!original|user))/.test(line)).sort(),
  ).toEqual(
    [
      ...['X-Twice: 1', 'x-twice: 2', `X-Name: ${Buffer.from('Zoë').toString('latin1')}`],
      ...[`host: ${origin.slice(7)}`, 'connection: keep-alive', 'content-length: 8'],
      ...['holdfast-original-webhook-id: msg_1', 'holdfast-original-webhook-timestamp: 12'],
      ...['holdfast-original-webhook-signature: v1,x', 'holdfast-user: user-1'],
    ].sort(),
  );
  expect(received[0]?.headers['webhook-id']).toBe('dlv_1');
  expect(received[0]?.headers).not.toHaveProperty('holdfast-credential-version');
});

/** The names and values that arrive of a delivery with these headers, or of a changed one. */
async function arriving(headers: [string, string][], changed: Partial<StoredDelivery> = {}) {
  const { origin, received } = await httpServer((response) => response.end());
  const result = await forward(
    requestTo(origin, { delivery: delivery({ headers, ...changed }) }),
    options(),
  );
  expect(result.kind).toBe('handled');
  return received[0]?.headers ?? {};
}

const ofProxies = [
  ...['Holdfast_User', 'HOLDFAST-Integration', 'holdfast.via', 'Webhook_Id', 'webhook_signature'],
  ...['X-Forwarded-For', 'x_forwarded_host', 'Forwarded', 'X-Real-IP', 'True_Client_IP'],
  ...['CF-Connecting-IP', 'X-Original-URL', 'X_Original_Host', 'X-Rewrite-URL', 'X-HTTP-Method'],
  ...['X-Http_Method-Override', 'X-Method-Override', 'X-Auth-Request-Email', 'X-Remote-User'],
  ...['Proxy', 'Proxy_Foo', 'Content_Length', 'Transfer_Encoding', 'X_Hop'],
];

const keptNames = [
  ...['X-Forward', 'X-Forwarded', 'X-Http', 'X-Remote', 'Webhook-Event', 'X-Webhook-Id'],
  ...['Remote-User', 'X-Client-IP', 'X-Cluster-Client-IP', 'Fastly-Client-IP', 'X-Real-IP-From'],
  ...['Forwarded-For', 'ForwardedBy', 'CF-Connecting-IPv6', 'Holdfast'],
];

test('what a destination takes for trust does not arrive, however a sender writes it', async () => {
  const headers = await arriving([
    ...ofProxies.map((name): [string, string] => [name, 'forged']),
    ['Connection', 'x-hop'],
    ...keptNames.map((name): [string, string] => [name, 'kept']),
  ]);
  expect(Object.values(headers)).not.toContain('forged');
  expect(Object.values(headers).filter((value) => value === 'kept')).toHaveLength(keptNames.length);
  expect(headers['webhook-id']).toBe('dlv_1');
});

test.each([
  ['ada', 'ada'],
  ['auth0|5f7c8ec7', 'auth0%7C5f7c8ec7'],
  ['a+b@x.example', 'a%2Bb%40x.example'],
  ['Żółw 龜 🐢', '%C5%BB%C3%B3%C5%82w%20%E9%BE%9C%20%F0%9F%90%A2'],
])('the user %s is named in a way that every header can hold', async (userId, written) => {
  expect((await arriving([], { userId }))['holdfast-user']).toBe(written);
});

test('a forward says through which installations it came, ours last, without end in no case', async () => {
  const via = async (...before: string[]) =>
    (await arriving(before.map((value) => ['Holdfast-Via', value])))['holdfast-via'];
  expect(await via()).toBe('own');
  expect(await via('first, second', 'third')).toBe('first, second, third, own');
  expect(await via('no id, ok,, "')).toBe('ok, own');
  const long = String(await via(Array.from({ length: 400 }, (_, n) => `id-${n}`).join()));
  expect(long.split(', ')).toHaveLength(50);
  expect(long).toMatch(/^id-351, .*, id-399, own$/);
});

test.each([
  ['an address that is none', { destinationUrl: 'not an address' }],
  ['an address of another kind', { destinationUrl: 'file:///etc/passwd' }],
  ['no secret', { secrets: [] }],
  ['a header that can not be sent', { delivery: delivery({ headers: [['x-a', 'a\r\nb: c']] }) }],
])('what can never be sent is set aside: %s', async (_, changed) => {
  const { origin, received } = await httpServer((response) => response.end());
  expect(await forward(requestTo(origin, changed), options())).toMatchObject({
    kind: 'failed',
    status: null,
  });
  expect(received).toHaveLength(0);
});

test('S40 neither secret, body nor the query of the address is in any error', async () => {
  const secrets = [secret];
  const body = Buffer.from('b0dy-s3cret');
  const results = [
    await forward(
      requestTo(await deadOrigin(), { secrets, delivery: delivery({ body }) }),
      options(),
    ),
    await forward(requestTo('', { destinationUrl: 'ftp://x/?key=s3cret' }), options()),
    await forward(requestTo('', { destinationUrl: 'http://s3cret^/' }), options()),
    await forward(requestTo('http://x', { secrets: ['whsec_s3cret!'] }), options()),
  ];
  for (const result of results) {
    expect(JSON.stringify(result)).not.toMatch(/s3cret|MfKQ9r8/);
  }
});

test('a body larger than any buffer arrives whole', async () => {
  const { origin, received } = await httpServer((response) => response.end());
  const body = Buffer.alloc(3_000_001, 'abcdefg');
  await forward(requestTo(origin, { delivery: delivery({ body }) }), options());
  const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  expect(digest(received[0]?.body ?? Buffer.alloc(0))).toBe(digest(body));
});

test('an empty body is sent as one', async () => {
  const { origin, received } = await httpServer((response) => response.end());
  await forward(requestTo(origin, { delivery: delivery({ body: Buffer.alloc(0) }) }), options());
  expect(received[0]).toMatchObject({ body: Buffer.alloc(0), headers: { 'content-length': '0' } });
});
