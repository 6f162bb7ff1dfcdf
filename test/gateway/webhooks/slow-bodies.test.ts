import fc from 'fast-check';
import { fastify, type FastifyInstance } from 'fastify';
import { setErrorHandlers, answerError } from '../../../src/gateway/http/error-handler';
import { createSenderOf, requestSender } from '../../../src/gateway/http/sender';
import { unreadBodies } from '../../../src/gateway/http/unread-bodies';
import { rawWebhook } from '../../../src/gateway/webhooks/raw-body';
import { dueBytes } from '../../../src/gateway/webhooks/slow-bodies';
import { chunked, head, rawSender, trickle } from '../http/raw-sender';

test('whoever sends evenly and makes it in 30 s is never too slow, from a kilobyte a second on', () => {
  const anybody = fc.record({
    ...{
      bytes: fc.integer({ min: 1, max: 67_108_864 }),
      inSeconds: fc.double({ min: 0.1, max: 30, noNaN: true }),
    },
    isChunked: fc.boolean(),
  });
  fc.assert(
    fc.property(anybody, ({ bytes, inSeconds, isChunked }) => {
      fc.pre(bytes / inSeconds >= 1024);
      for (let second = 1; second < inSeconds; second++) {
        const received = Math.floor((bytes * second) / inSeconds);
        expect(received).toBeGreaterThanOrEqual(
          Math.floor(dueBytes(second, isChunked ? undefined : bytes)),
        );
      }
    }),
  );
});

test('half a body is too slow in the end, nothing at all after the first seconds', () => {
  const MiB = 1024 * 1024;
  expect([1, 5].map((second) => dueBytes(second, MiB))).toEqual([0, 0]);
  expect(dueBytes(6, 10)).toBe(10);
  expect(dueBytes(6, undefined)).toBe(1024);
  expect(dueBytes(18, MiB)).toBeGreaterThan(MiB / 2);
});

describe('on a connection', () => {
  let app: FastifyInstance;
  let port: number;
  beforeAll(async () => {
    app = fastify();
    setErrorHandlers(app, answerError);
    void app.register(unreadBodies);
    void app.register(requestSender, { senderOf: createSenderOf([]) });
    void app.register((inner, _options, done) => {
      void inner.register(rawWebhook, { bodyLimitBytes: 1_000_000, secondMs: 20 });
      inner.post('/', (request) => ({ length: (request.body as Buffer).length }));
      done();
    });
    port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
  });
  afterAll(() => app.close());

  test.each([
    ['sends nothing of its body', 'content-length: 100', '', null],
    ['sends half of it', 'content-length: 100000', 'x'.repeat(50_000), null],
    ['sends a byte at a time', 'content-length: 100000', '', 'x'],
    ['sends chunks of a byte', 'transfer-encoding: chunked', '', '1\r\nx\r\n'],
  ])('a sender that %s is 408, and its connection ends', async (_, header, start, piece) => {
    const sender = await rawSender(port);
    sender.socket.write(head('POST /', header) + start);
    const trickling = piece === null ? undefined : trickle(sender.socket, piece, 10);
    await sender.closed;
    await trickling;
    expect(sender.answer()).toMatch(/^HTTP\/1.1 408 /);
    expect(sender.answer()).toContain('"request_timeout"');
  });

  test('one that takes a while, and sends enough, is heard', async () => {
    const sender = await rawSender(port);
    sender.socket.write(head('POST /', 'transfer-encoding: chunked', 'connection: close'));
    const piece = chunked(Buffer.alloc(5_000)).toString('latin1');
    for (let n = 0; n < 20; n++) {
      sender.socket.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    sender.socket.write('0\r\n\r\n');
    await sender.closed;
    expect(sender.answer()).toContain('{"length":100000}');
  });
});
