import { connect, type AddressInfo } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { measureWebhooks } from '../../../src/gateway/operations/measure-webhooks';
import { measureRequests } from '../../../src/gateway/operator/measure-requests';
import { createGatewayMetrics, type GatewayMetrics } from '../../../src/metrics/gateway';
import { eventually } from '../../support/eventually';

let app: FastifyInstance;
let metrics: GatewayMetrics;
/** Lets the answers out that wait. */
let answer: () => void;
let arrived: number;

beforeEach(async () => {
  metrics = createGatewayMetrics([]);
  arrived = 0;
  const waiting = new Promise<void>((resolve) => (answer = resolve));
  app = fastify();
  await app.register(measureRequests, { metrics });
  await app.register((webhooks, _options, done) => {
    measureWebhooks(webhooks, metrics);
    webhooks.addHook('onRequest', (_request, _reply, next) => {
      arrived++;
      next();
    });
    webhooks.post('/webhooks/:id', async () => {
      await waiting;
      return {};
    });
    done();
  });
  app.get('/events', (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200);
    reply.raw.write(':\n');
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => app.close());

const send = (text: string) => {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(text);
  return socket;
};
const post = (lengthBytes: number) =>
  `POST /webhooks/a HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${lengthBytes}\r\n\r\n{}`;

const openConnections = () =>
  new Promise<number>((resolve, reject) => {
    app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });

/** What was counted, without what stands at 0. */
const counted = async () =>
  (await metrics.registry.metrics())
    .split('\n')
    .filter((line) => /^holdfast_(http_requests_total|webhook_duration_seconds_count)/.test(line))
    .filter((line) => !line.endsWith(' 0'))
    .map((line) => line.slice('holdfast_'.length))
    .sort();

const requests = (status: number) =>
  `http_requests_total{route="/webhooks/:id",method="POST",status="${status}"} 1`;
const webhooks = (outcome: string) => `webhook_duration_seconds_count{outcome="${outcome}"} 1`;

test.each([
  ['waits for the answer to all that it sent', 2, [requests(499), webhooks('aborted')]],
  ['has not sent all of its body', 20, [requests(400), webhooks('rejected')]],
])('a sender that hangs up while it %s is counted, once', async (_while, lengthBytes, expected) => {
  const socket = send(post(lengthBytes));
  await eventually(() => expect(arrived).toBe(1));
  socket.destroy();
  await eventually(async () => expect(await counted()).toEqual(expected));
  // The answer is made in vain, and another one's comes after it.
  answer();
  const other = send(post(2));
  await eventually(async () =>
    expect(await counted()).toEqual([requests(200), ...expected, webhooks('none')].sort()),
  );
  other.destroy();
});

test('a stream of events that ends is not counted', async () => {
  const socket = send('GET /events HTTP/1.1\r\nhost: x\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  socket.destroy();
  await eventually(() => expect(openConnections()).resolves.toBe(0));
  answer();
  const other = send(post(2));
  await eventually(async () => expect(await counted()).toEqual([requests(200), webhooks('none')]));
  other.destroy();
});
