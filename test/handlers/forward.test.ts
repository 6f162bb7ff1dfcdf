import { createHash } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { createDestinationAgent } from '../../src/handlers/destination-agent';
import { forward, type ForwardOptions } from '../../src/handlers/forward';
import type { ForwardRequest } from '../../src/handlers/forward-request';
import { delivery, secret } from './deliveries';
import { closeServers, deadOrigin, httpServer, tcpServer } from './loopback';

const dispatcher = createDestinationAgent();
afterEach(closeServers);
afterAll(() => dispatcher.close());

const options = (changed: Partial<ForwardOptions> = {}): ForwardOptions => ({
  dispatcher,
  signal: new AbortController().signal,
  timeoutMs: 5000,
  beforeSend: () => undefined,
  ...changed,
});

const requestTo = (origin: string, changed: Partial<ForwardRequest> = {}): ForwardRequest => ({
  delivery: delivery(),
  destinationUrl: `${origin}/hooks?team=1`,
  secrets: [secret],
  sequence: '42',
  credentialVersion: 3,
  ...changed,
});

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

test('S24 what the destination answers decides; its words are kept', async () => {
  const { origin } = await httpServer((response, { path }) => {
    response.writeHead(Number(path.slice(1)), { 'retry-after': '7' }).end('why\0');
  });
  const at = (status: number) =>
    forward({ ...requestTo(origin), destinationUrl: `${origin}/${status}` }, options());
  expect(await at(503)).toEqual({
    kind: 'retry',
    error: 'The destination answered 503',
    retryAfterMs: 7000,
    status: 503,
    answer: 'why\uFFFD',
  });
  expect(await at(424)).toMatchObject({ kind: 'token_refused', status: 424 });
  expect(await at(410)).toMatchObject({ kind: 'failed', status: 410 });
});

test('a redirect is not followed', async () => {
  const elsewhere = await httpServer((response) => response.end());
  const { origin } = await httpServer((response) =>
    response.writeHead(307, { location: elsewhere.origin }).end(),
  );
  expect(await forward(requestTo(origin), options())).toMatchObject({
    kind: 'failed',
    status: 307,
  });
  expect(elsewhere.received).toHaveLength(0);
});

test('2 KB of an endless answer are read, then it is hung up on', async () => {
  let hangUp: () => void = () => undefined;
  const hungUp = new Promise<void>((resolve) => {
    hangUp = resolve;
  });
  let written = 0;
  const { origin } = await httpServer((response) => {
    const fill = () => {
      do written += 2000;
      while (response.write('é'.repeat(1000)));
    };
    response.on('drain', fill).on('close', () => hangUp());
    fill();
  });
  const result = await forward(requestTo(origin), options());
  expect(result).toEqual({ kind: 'handled', status: 200, answer: 'é'.repeat(1024) });
  await hungUp;
  // What was under way in the sockets' buffers, and no more.
  expect(written).toBeLessThan(32 * 1024 * 1024);
});

test('a 200 whose body never ends, or breaks off, is handled all the same', async () => {
  const { origin } = await httpServer((response, _, count) => {
    response.writeHead(200, { 'content-length': '100' }).write('begun', () => {
      if (count === 1) response.destroy();
    });
  });
  const broken = await forward(requestTo(origin), options());
  expect(broken).toEqual({ kind: 'handled', status: 200, answer: 'begun' });
  const started = performance.now();
  const endless = await forward(requestTo(origin), options({ timeoutMs: 15_000 }));
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(endless).toEqual({ kind: 'handled', status: 200, answer: 'begun' });
});

test('a compressed answer is not taken for text', async () => {
  const { origin } = await httpServer((response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(Buffer.from([0x1f, 0x8b, 8])),
  );
  expect(await forward(requestTo(origin), options())).toMatchObject({ answer: '' });
});

test('S24 nobody there, a hang-up and silence are tried again', async () => {
  const gone = await forward(requestTo(await deadOrigin()), options());
  expect(gone).toMatchObject({
    kind: 'retry',
    status: null,
    error: 'The destination could not be reached: connection_refused',
  });
  const rude = await tcpServer((socket) => socket.once('data', () => socket.destroy()));
  expect(await forward(requestTo(rude), options())).toMatchObject({
    kind: 'retry',
    error: 'The destination could not be reached: connection_lost',
  });
  const silent = await tcpServer((socket) => socket.resume());
  expect(await forward(requestTo(silent), options({ timeoutMs: 100 }))).toMatchObject({
    kind: 'retry',
    error: 'The destination did not answer within 100 ms',
  });
});

test('aborted from outside: no result', async () => {
  const controller = new AbortController();
  const silent = await tcpServer((socket) => socket.once('data', () => controller.abort()));
  expect(await forward(requestTo(silent), options({ signal: controller.signal }))).toEqual({
    kind: 'aborted',
  });
  expect(await forward(requestTo(silent), options({ signal: controller.signal }))).toEqual({
    kind: 'aborted',
  });
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
