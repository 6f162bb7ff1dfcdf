import { eventually } from '../../support/eventually';
import { sendWebhook } from '../../support/scenes/scene';
import { abusedGateway, type AbusedGateway, expectError, expectUnharmed } from './abused-gateway';
import { head, pour, rawSender, trickle } from './raw-sender';

let gateway: AbusedGateway;
beforeAll(async () => {
  gateway = await abusedGateway();
});
afterAll(() => gateway.close());
afterEach(() => expectUnharmed(gateway), 30_000);

const path = () => `/webhooks/${gateway.integration.id}`;

describe('slow senders', () => {
  const before = { headersTimeout: 0, requestTimeout: 0 };
  beforeAll(() => {
    const { server } = gateway.app;
    before.headersTimeout = server.headersTimeout;
    before.requestTimeout = server.requestTimeout;
    server.headersTimeout = 500;
    server.requestTimeout = 1000;
  });
  afterAll(() => Object.assign(gateway.app.server, before));

  test('the limits are those that are documented', () => {
    expect(before).toEqual({ headersTimeout: 15_000, requestTimeout: 30_000 });
  });

  test.each([
    ['a body', () => gateway.post('content-length: 1000'), 'x'],
    ['a body in chunks', () => gateway.post('transfer-encoding: chunked'), '1\r\nx\r\n'],
    ['the headers', () => `POST ${path()} HTTP/1.1\r\nhost: x\r\n`, 'x: y\r\n'],
    ['the first line', () => 'POST ', '/'],
  ])('%s that comes a byte at a time is cut with 408', async (_what, start, piece) => {
    const sender = await gateway.sent(start());
    const trickling = trickle(sender.socket, piece, 100);
    await sender.closed;
    await trickling;
    expectError(sender.answer(), 408, 'request_timeout');
  });

  test('a length that is more than what is sent is cut with 408, and silence too', async () => {
    expectError(
      await gateway.answerTo(`${gateway.post('content-length: 1000')}{}`),
      408,
      'request_timeout',
    );
    expectError(await gateway.answerTo(''), 408, 'request_timeout');
  });
});

describe('headers', () => {
  const headers = (count: number) => Array.from({ length: count }, (_, at) => `x-${at}: y`);

  test('more headers than are counted are 431, not a signature that is missing', async () => {
    const rest = ['webhook-signature: v1,x', 'connection: close'];
    for (const count of [200, 1200]) {
      expectError(
        await gateway.answerTo(gateway.post(...headers(count), ...rest)),
        431,
        'headers_too_large',
      );
    }
  });

  test('a signature is seen behind many other headers', async () => {
    const all = ['content-length: 2', 'connection: close', ...headers(190)];
    const answer = await gateway.answerTo(
      `${gateway.post(...all, 'webhook-id: a', 'webhook-id: b')}{}`,
    );
    expectError(answer, 401, 'invalid_signature');
  });

  test('headers without an end are 431', async () => {
    const sender = await gateway.sent(`POST ${path()} HTTP/1.1\r\nhost: x\r\nx-long: `);
    const written = await pour(sender.socket, Buffer.alloc(16 * 1024, 'x'), 200 * 1024 * 1024);
    await sender.closed;
    expectError(sender.answer(), 431, 'headers_too_large');
    expect(written).toBeLessThan(50 * 1024 * 1024);
  });

  test('chunk extensions without an end are 413', async () => {
    const sender = await gateway.sent(`${gateway.post('transfer-encoding: chunked')}1;x=`);
    await pour(sender.socket, Buffer.alloc(16 * 1024, 'x'), 200 * 1024 * 1024);
    await sender.closed;
    expectError(sender.answer(), 413, 'body_too_large');
  });
});

describe('many requests', () => {
  test('a few on one connection are answered, each in its turn', async () => {
    const paths = ['/healthz', '/v1/integrations', '/healthz', '/nowhere'];
    const sender = await gateway.sent(paths.map((one) => head(`GET ${one}`)).join(''));
    await eventually(() => expect(sender.answer().match(/HTTP\/1.1 \d+/g)).toHaveLength(4));
    expect(sender.answer().match(/(?<=HTTP\/1.1 )\d+/g)).toEqual(['200', '401', '200', '404']);
    sender.socket.destroy();
  });

  test('a connection that sends a thousand before the first is answered is ended', async () => {
    const answer = await gateway.answerTo(head('GET /readyz').repeat(1000));
    expect((answer.match(/HTTP\/1.1/g) ?? []).length).toBeLessThan(1000);
    const refused = gateway.logged.filter((line) => line.includes('/readyz')).length;
    expect(refused).toBeLessThanOrEqual(64);
  });

  test('rubbish behind a request that is being answered is not taken for its answer', async () => {
    const answer = await gateway.answerTo(`${head('GET /readyz')}rubbish\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 [25]0/);
    expect(answer.match(/HTTP\/1.1/g)).toHaveLength(1);
  });

  test('hundreds of connections that say nothing stop nobody', async () => {
    const silent = await Promise.all(Array.from({ length: 300 }, () => rawSender(gateway.port)));
    expect(await sendWebhook(gateway.url, gateway.integration)).toMatchObject({ status: 202 });
    for (const { socket } of silent) socket.destroy();
  });
});
