import { gzipSync } from 'node:zlib';
import { eventually } from '../../support/eventually';
import { abusedGateway, type AbusedGateway, expectError, expectUnharmed } from './abused-gateway';
import { apiKey, bodyLimitBytes } from '../gateway-fixture';
import { chunked, head, pour, rawSender } from './raw-sender';

let gateway: AbusedGateway;
beforeAll(async () => {
  gateway = await abusedGateway();
});
afterAll(() => gateway.close());
afterEach(() => expectUnharmed(gateway), 30_000);

const piece = chunked(Buffer.alloc(64 * 1024));
const MB = 1024 * 1024;
const rejections = () => `/v1/integrations/${gateway.integration.id}/rejections`;

test('S22 200 MB in chunks are 413 early, and the connection is closed', async () => {
  const sender = await gateway.sent(gateway.post('transfer-encoding: chunked'));
  const written = await pour(sender.socket, piece, 200 * MB);
  await sender.closed;
  expectError(sender.answer(), 413, 'body_too_large');
  expect(written).toBeLessThan(50 * MB);
  await eventually(async () => {
    const { body } = await gateway.call(
      'GET',
      `/v1/integrations/${gateway.integration.id}/rejections`,
    );
    expect(body.items).toMatchObject([{ reason: 'body_too_large' }]);
  });
});

test('S22 a length over the limit is 413 before a byte of the body is sent', async () => {
  expectError(
    await gateway.answerTo(gateway.post('content-length: 209715200')),
    413,
    'body_too_large',
  );
  expectError(
    await gateway.answerTo(gateway.post(`content-length: ${'9'.repeat(30)}`)),
    400,
    'invalid_request',
  );
});

test('a body of exactly the limit is read, one byte more is not, whatever its pieces are', async () => {
  for (const size of [1, 1000, bodyLimitBytes]) {
    const whole = Buffer.concat(
      Array.from({ length: Math.ceil(bodyLimitBytes / size) }, (_, at) =>
        chunked(Buffer.alloc(Math.min(size, bodyLimitBytes - at * size))),
      ),
    );
    const request = (end: string) =>
      Buffer.concat([
        Buffer.from(gateway.post('transfer-encoding: chunked', 'connection: close')),
        whole,
        Buffer.from(end),
      ]);
    expectError(await gateway.answerTo(request('0\r\n\r\n')), 401, 'invalid_signature');
    expectError(await gateway.answerTo(request('1\r\nx\r\n0\r\n\r\n')), 413, 'body_too_large');
  }
});

test('more bytes than the length says are no part of the webhook', async () => {
  const answer = await gateway.answerTo(
    `${gateway.post('content-length: 2')}{}${'x'.repeat(1000)}`,
  );
  expectError(answer, 401, 'invalid_signature');
});

test('a compressed body is taken as the bytes that it is, never unpacked', async () => {
  const bomb = gzipSync(Buffer.alloc(20 * MB));
  expect(bomb.length).toBeLessThan(bodyLimitBytes);
  const request = gateway.post(
    'content-encoding: gzip',
    `content-length: ${bomb.length}`,
    'connection: close',
  );
  const answer = await gateway.answerTo(Buffer.concat([Buffer.from(request), bomb]));
  expectError(answer, 401, 'invalid_signature');
});

test.each([
  ['an unknown path', 404, 'not_found', () => head('POST /nowhere', 'transfer-encoding: chunked')],
  [
    'a wrong API key',
    401,
    'unauthorized',
    () => head('POST /v1/sessions', 'transfer-encoding: chunked', 'authorization: Bearer x'),
  ],
  ['a GET', 401, 'unauthorized', () => head('GET /v1/integrations', 'content-length: 209715200')],
  [
    'the API',
    413,
    'body_too_large',
    () =>
      head(
        'POST /v1/sessions',
        'transfer-encoding: chunked',
        `authorization: Bearer ${apiKey}`,
        'content-type: application/json',
      ),
  ],
])(
  '%s with an endless body: %i, and the connection is closed',
  async (_, status, code, request) => {
    const sender = await gateway.sent(request());
    const written = await pour(sender.socket, piece, 200 * MB);
    await sender.closed;
    expectError(sender.answer(), status, code);
    expect(written).toBeLessThan(50 * MB);
  },
);

test('a sender that reads only once it has sent all hears the answer, too', async () => {
  const sender = await rawSender(gateway.port);
  sender.socket.pause();
  const started = performance.now();
  const { socket } = sender;
  socket.write(head('POST /nowhere', `content-length: ${6 * MB}`));
  await new Promise((resolve) => socket.write(Buffer.alloc(6 * MB), resolve));
  expect(performance.now() - started).toBeLessThan(1500);
  socket.resume();
  await sender.closed;
  expectError(sender.answer(), 404, 'not_found');
});

test('a request that waits behind a refused body is not handled', async () => {
  const unsigned = (sizeBytes: number) =>
    `${gateway.post(`content-length: ${sizeBytes}`, 'connection: close')}${'x'.repeat(sizeBytes)}`;
  const request = Buffer.concat([
    Buffer.from(gateway.post('transfer-encoding: chunked')),
    chunked(Buffer.alloc(100_000)),
    Buffer.from(`0\r\n\r\n${unsigned(111)}`),
  ]);
  expectError(await gateway.answerTo(request), 413, 'body_too_large');
  expectError(await gateway.answerTo(unsigned(222)), 401, 'invalid_signature');
  const { items } = await eventually(async () => {
    const { body } = await gateway.call('GET', rejections());
    expect(JSON.stringify(body)).toContain(':222');
    return body;
  });
  expect(JSON.stringify(items)).not.toContain(':111');
});

test('senders that hang up in the middle leave nothing behind', async () => {
  for (let round = 0; round < 50; round++) {
    const sender = await gateway.sent(`${gateway.post('content-length: 1000')}half`);
    if (round % 2 === 0) sender.socket.end();
    else sender.socket.resetAndDestroy();
    await sender.closed;
  }
});
