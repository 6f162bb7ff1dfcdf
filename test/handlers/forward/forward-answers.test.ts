import { createDestinationAgent } from '../../../src/destinations/agent';
import { forward, type ForwardOptions } from '../../../src/handlers/forward/forward';
import { forwardOptions, requestTo } from './forwarding';
import { closeServers, deadOrigin, httpServer, tcpServer } from '../loopback';
import { openRules } from '../../support/connections';

const dispatcher = createDestinationAgent(openRules);
const options = (changed: Partial<ForwardOptions> = {}) => forwardOptions(dispatcher, changed);
afterEach(closeServers);
afterAll(() => dispatcher.close());

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
  expect(await at(424)).toMatchObject({ kind: 'token_rejected', status: 424 });
  expect(await at(410)).toMatchObject({ kind: 'failed', status: 410 });
});

test.each([301, 302, 303, 307, 308])('a redirect (%i) is not followed', async (status) => {
  const elsewhere = await httpServer((response) => response.end());
  const { origin } = await httpServer((response) =>
    response.writeHead(status, { location: elsewhere.origin }).end(),
  );
  expect(await forward(requestTo(origin), options())).toMatchObject({
    kind: 'failed',
    status,
    error: `The destination answered ${status}: redirects are not followed`,
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
