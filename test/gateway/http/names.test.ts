import { isName } from '../../../src/gateway/http/schemas/text';
import { type GatewayFixture, gatewayFixture } from '../gateway-fixture';

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture();
});
afterAll(() => gateway.close());

/** As identity providers give them, and as nobody would who did not have to. */
const names: [string, string][] = [
  ["Auth0's", 'auth0|5f7c8ec7c33c6c004bbafe82'],
  ['an address with a tag', 'ada+crm@example.com'],
  ['an address of the web', 'https://idp.example/users?id=7#me'],
  ['a Base64 text that begins with _', '_V1StGXR8Z5jdHi6B'],
  ['one that begins with -', '-1StGXR8Z5jdHi6By='],
  ['a distinguished name', 'CN=Ada Lovelace,OU=R&D;"x",O=<b>Acme</b>'],
  ['slashes', '/a//b/../c/'],
  ['backslashes and a backtick', '\\\\host\\ada`'],
  ['per cent signs', '100%'],
  ['what looks encoded', '%2F%252e%00'],
  ['three dots', '...'],
  ['dots that look encoded', '%2e%2e'],
  ['words', 'الدكتورة سلمى'],
  ['other letters', '佐藤 花子'],
  ['a family of emoji', '👩‍👩‍👧‍👦'],
  ['a property of every object', '__proto__'],
  ['another one', 'constructor'],
  ['255 bytes', 'u'.repeat(255)],
  ['255 bytes in 128 characters', `${'é'.repeat(127)}x`],
  ['a colon', 'status:ada'],
  ["what SQL's patterns are made of", "%_'; --"],
];

test.each(names)('%s is a name, in bodies, queries, paths and answers', async (_what, name) => {
  const { call, create } = gateway;
  const made = await create({ userId: name, name });
  expect(made).toMatchObject({ userId: name, name });
  const path = encodeURIComponent(name);
  const listed = await call('GET', `/v1/integrations?userId=${path}`);
  expect(listed.body.items.map(({ id }) => id)).toEqual([made.id]);
  expect((await call('POST', '/v1/sessions', { userId: name })).status).toBe(201);

  const status = await call('GET', `/api/connectors/${path}/status`);
  expect(status).toMatchObject({ status: 200, body: { userId: name } });
  const { connectors } = status.body as unknown as { connectors: object };
  expect(Object.entries(connectors)).toEqual([
    [name, expect.objectContaining({ status: 'connected' })],
  ]);
  const paused = await call('PUT', `/api/users/${path}/pause`, { paused: true });
  expect(paused).toMatchObject({ status: 200, body: { paused: true } });
  const dropped = await call('DELETE', `/api/users/${path}/connectors/${path}`);
  expect(dropped.status).toBe(204);
  const again = await create({ userId: name, name });
  expect((await call('DELETE', `/v1/users/${path}`)).status).toBe(204);
  expect((await call('GET', `/v1/integrations/${again.id}`)).status).toBe(404);
});

const none: [string, string][] = [
  ['nothing', ''],
  ['the path it stands in', '.'],
  ['the path above', '..'],
  ['a space before', ' ada'],
  ['a space behind', 'ada '],
  ['a no-break space behind', 'ada\u00a0'],
  ['a line break', 'a\nb'],
  ['a tab', 'a\tb'],
  ['a NUL', 'a\0'],
  ['a control character of Latin-1', 'a\u0085b'],
  ['a line separator', 'a\u2028b'],
  ['an override of the direction', 'ada\u202egnp.exe'],
  ['an isolate', 'ada\u2067x'],
  ['nothing to see', '\u200d\u200b'],
  ['half a surrogate pair', 'a\ud83d'],
  ['256 bytes', 'u'.repeat(256)],
  ['256 bytes in 128 characters', 'é'.repeat(128)],
];

test.each(none)('%s is no name: 400 everywhere', async (_what, name) => {
  expect(isName(name)).toBe(false);
  const { call } = gateway;
  const refused = { status: 400, body: { error: { code: 'invalid_request' } } };
  const body = { userId: name, name: 'n', provider: 'acme', handler: 'sync' };
  expect(await call('POST', '/v1/integrations', body)).toMatchObject(refused);
  const named = await call('POST', '/v1/integrations', { ...body, userId: 'u', name });
  expect(named).toMatchObject(refused);
  expect(named.body.error.message).toBe(
    'body.name: must be 1 to 255 bytes of printable text without white space at its ends, and neither "." nor "..".',
  );
  expect(await call('POST', '/v1/sessions', { userId: name })).toMatchObject(refused);
  // Of these two a client makes another path; the half has no encoding.
  if (/^\.*$|\p{Cs}/u.test(name)) return;
  const path = encodeURIComponent(name);
  expect(await call('GET', `/v1/integrations?userId=${path}`)).toMatchObject(refused);
  for (const [method, url] of [
    ['GET', `/api/connectors/${path}/status`],
    ['GET', `/api/users/${path}/events`],
    ['GET', `/api/users/${path}/pause`],
    ['POST', `/api/users/ada/connectors/${path}/enable`],
    ['DELETE', `/v1/users/${path}`],
  ] as const) {
    expect({ url, ...(await call(method, url)) }).toMatchObject(refused);
  }
});

test.each(['%', '%zz', '%E0%A4', '%ff', '%ed%a0%80', 'u'.repeat(9_000)])(
  'a path with %s is 400, before it is anybody',
  async (part) => {
    const answer = await gateway.call('GET', `/api/connectors/${part}/status`);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  },
);

test('a connection that is not there has no name of every object', async () => {
  await gateway.create({ userId: 'eve', name: 'contacts' });
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const answer = await gateway.call('POST', `/api/users/eve/connectors/${name}/disable`, {});
    expect(answer).toMatchObject({
      status: 404,
      body: { error: { code: 'integration_not_found' } },
    });
  }
});
