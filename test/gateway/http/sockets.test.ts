import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { eventually } from '../../support/eventually';
import { apiKey, bodyLimitBytes, type GatewayFixture, gatewayFixture } from '../gateway-fixture';

let gateway: GatewayFixture;
let port: number;
beforeAll(async () => {
  gateway = await gatewayFixture();
  port = Number(new URL(await gateway.app.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterAll(() => gateway.close());

/** What comes back for bytes as they are, until the gateway closes the connection. */
async function exchange(request: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(request);
  // A sender that is refused in the middle of its body may find its connection gone.
  socket.on('error', () => undefined);
  return text(socket).catch(() => '');
}

const head = (line: string, ...headers: string[]) =>
  [`${line} HTTP/1.1`, 'host: x', 'connection: close', ...headers, '', ''].join('\r\n');

const post = (...headers: string[]) =>
  head(
    'POST /v1/integrations',
    `authorization: Bearer ${apiKey}`,
    'content-type: application/json',
    ...headers,
  );

test('a body over the limit that came in chunks, without a length, is 413', async () => {
  const chunk = 'x'.repeat(16 * 1024);
  const chunks = `${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(bodyLimitBytes / 16_384 + 1);
  const answer = await exchange(`${post('transfer-encoding: chunked')}${chunks}0\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toContain('"code":"body_too_large"');
});

test('a body over the limit by its length is 413 before it is sent', async () => {
  const answer = await exchange(post(`content-length: ${bodyLimitBytes + 1}`));
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
});

test('a wrong API key is refused before the body is read', async () => {
  const request = post('content-length: 1000').replace(apiKey, 'x'.repeat(32));
  expect(await exchange(request)).toMatch(/^HTTP\/1\.1 401 /);
});

test('headers over the limit are 431', async () => {
  const answer = await exchange(head('GET /healthz', `x-long: ${'x'.repeat(20_000)}`));
  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  expect(answer).toContain('"code":"headers_too_large"');
});

test.each([
  ['no HTTP', 'hello\r\n\r\n'],
  ['a broken header', 'GET /healthz HTTP/1.1\r\nhost x\r\n\r\n'],
  [
    'two lengths',
    'POST /v1/integrations HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx',
  ],
  ['bytes', Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff])],
])('%s is 400, with a code and a sentence', async (_what, request) => {
  const answer = await exchange(request);
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as unknown;
  const [, requestId] = /\r\nholdfast-request-id: ([\w-]{8,64})\r\n/.exec(answer) ?? [];
  const message = expect.stringMatching(/\.$/) as unknown;
  expect(body).toEqual({
    error: { code: 'invalid_request', message, requestId },
  });
});

test('closing waits for the request that is under way, and takes no other', async () => {
  const blocker = await gateway.pool.connect();
  try {
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE integrations');
    const answer = exchange(head('GET /v1/integrations', `authorization: Bearer ${apiKey}`));
    await eventually(async () => {
      // Not on the blocker: within a transaction these statistics stand still.
      const { rowCount } = await gateway.pool.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'relation'",
      );
      expect(rowCount).toBe(1);
    });
    const closed = gateway.app.close();
    await blocker.query('COMMIT');
    expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
    await closed;
    expect(await exchange(head('GET /healthz'))).toBe('');
  } finally {
    blocker.release();
  }
});
