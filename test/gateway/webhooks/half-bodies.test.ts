import { createHmac, randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { eventually } from '../../support/eventually';
import { type Body, type GatewayFixture, gatewayFixture } from '../gateway-fixture';
import { head, type RawSender, rawSender } from '../http/raw-sender';

const MiB = 1024 * 1024;
const KiB = 1024;
const appSecret = 'the-secret-of-the-application';

let gateway: GatewayFixture;
let port: number;
const senders: RawSender[] = [];

beforeAll(async () => {
  gateway = await gatewayFixture({
    config: { bodyLimitBytes: MiB, trustedProxies: ['127.0.0.0/8'] },
    providers: {
      crm: { webhook: { scheme: 'github', secrets: [appSecret], accountPointer: '/account' } },
      big: { webhook: { scheme: 'github', bodyLimitBytes: 4 * MiB } },
      open: { webhook: { scheme: 'none', bodyLimitBytes: 4 * MiB } },
    },
  });
  port = Number(new URL(await gateway.app.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterEach(async () => {
  for (const { socket } of senders) socket.destroy();
  await Promise.all(senders.splice(0).map(({ closed }) => closed));
});
afterAll(() => gateway.close());

const connect = (provider = 'hooks') =>
  gateway.create({ provider, credentials: undefined, webhookAccount: undefined });

/** Begins a body of so many bytes at a path, and never sends its last byte; or no more than `sent`. */
async function half(
  path: string,
  bytes: number,
  from: string,
  sent = bytes - 1,
): Promise<RawSender> {
  const sender = await rawSender(port);
  senders.push(sender);
  sender.socket.write(head(`POST ${path}`, `x-forwarded-for: ${from}`, `content-length: ${bytes}`));
  sender.socket.write(Buffer.alloc(sent));
  return sender;
}

/** A hundred at a time: more connections at once than the system's queue holds come seconds later. */
async function halves(count: number, one: (n: number) => Promise<RawSender>): Promise<RawSender[]> {
  const begun: RawSender[] = [];
  while (begun.length < count) {
    const wave = Array.from({ length: Math.min(100, count - begun.length) }, (_, n) =>
      one(begun.length + n),
    );
    begun.push(...(await Promise.all(wave)));
  }
  return begun;
}

const statusOf = ({ answer }: RawSender) => Number(answer().slice(9, 12));
const statuses = (list: readonly RawSender[]) => list.map(statusOf);

/** A whole webhook, signed as GitHub's. */
function genuine(
  path: string,
  secret: string,
  from: string,
  bytes = 1_000,
): Promise<{ status: number }> {
  const account = JSON.stringify({ account: 'nobody', text: '' });
  const body = account.replace('""', `"${'x'.repeat(Math.max(bytes - account.length, 0))}"`);
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        ...{ port, path, method: 'POST', agent: false },
        headers: {
          'x-forwarded-for': from,
          'content-length': Buffer.byteLength(body),
          'x-github-delivery': randomUUID(),
          'x-hub-signature-256': `sha256=${signature}`,
        },
      },
      (response) => {
        response.resume();
        response.once('end', () => resolve({ status: response.statusCode ?? 0 }));
      },
    );
    request.once('error', reject);
    request.end(body);
  });
}

const to = ({ id, webhookSecret }: Body, from: string, bytes?: number) =>
  genuine(`/webhooks/${id}`, webhookSecret, from, bytes);

describe.each([
  ['64 half bodies of 1 MiB', 64, MiB],
  ['1,040 half bodies of 56 KB', 1_040, 56 * KiB],
])('S20 %s from one address', (_, count, bytes) => {
  test('to an integration that nobody has are 404 unread, and stop nobody', async () => {
    const integration = await connect();
    const attack = await halves(count, () => half('/webhooks/int_nobody', bytes, '198.51.100.1'));
    const answers = [
      await to(integration, '192.0.2.1', MiB - 1_000),
      await to(integration, '192.0.2.2'),
      await genuine('/webhooks/apps/crm', appSecret, '192.0.2.1', MiB - 1_000),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    await eventually(() =>
      expect(new Set(statuses(attack).map((one) => (one === 429 ? 404 : one)))).toEqual(
        new Set([404]),
      ),
    );
  });

  test('to one that is there, or to an application’s address, take no more than their shares', async () => {
    const [attacked, other] = [await connect(), await connect()];
    expect(await to(attacked, '192.0.2.1')).toMatchObject({ status: 202 });
    const paths = [`/webhooks/${attacked.id}`, '/webhooks/apps/crm'];
    await halves(count, (n) => half(paths[n % 2] ?? '', bytes, '198.51.100.1'));
    const answers = [
      await to(attacked, '192.0.2.1', MiB - 1_000),
      await to(other, '192.0.2.2', MiB - 1_000),
      await to(other, '192.0.2.3'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
  });
});

test('S20 500 addresses with half bodies for one address, and for many, stop no verified pair', async () => {
  const targets = [await connect(), await connect(), await connect()];
  const [first] = targets;
  if (first === undefined) throw new Error('no integration');
  expect(await to(first, '192.0.2.1')).toMatchObject({ status: 202 });
  const attack = await halves(500, (n) =>
    half(
      n % 2 === 0 ? `/webhooks/${first.id}` : `/webhooks/${targets[n % 3]?.id ?? ''}`,
      512 * KiB,
      `198.51.${n >> 8}.${n % 256}`,
    ),
  );
  await eventually(() => expect(statuses(attack)).toContain(503));
  const busy = await Promise.all(
    Array.from({ length: 30 }, () => to(first, '192.0.2.1', MiB - 1_000)),
  );
  expect(new Set(busy.map(({ status }) => status))).toEqual(new Set([202]));
  await eventually(async () => {
    const { body } = await gateway.call('GET', `/v1/integrations/${first.id}/rejections`);
    expect(body.items).toContainEqual(expect.objectContaining({ reason: 'overloaded' }));
  });
});

test('S20 a pair that is verified may have dozens of the largest in flight, an unverified one fewer', async () => {
  const integration = await connect();
  expect(await to(integration, '192.0.2.9')).toMatchObject({ status: 202 });
  await halves(60, () => half(`/webhooks/${integration.id}`, MiB, '192.0.2.9'));
  const unverified = await halves(60, () =>
    half(`/webhooks/${integration.id}`, MiB, '198.51.100.9'),
  );
  await eventually(() => expect(statuses(unverified)).toContain(503));
  expect(statuses(senders.slice(0, 60))).not.toContain(503);
  expect(await to(integration, '192.0.2.9', MiB - 1_000)).toMatchObject({ status: 202 });
});

describe('bodies over the limit that are declared', () => {
  const large = 4 * MiB;

  test('S22 are for sources verified lately; others get 413, by their length and in chunks', async () => {
    const integration = await connect('big');
    expect(await to(integration, '192.0.2.1', large)).toMatchObject({ status: 413 });
    expect(await to(integration, '192.0.2.1')).toMatchObject({ status: 202 });
    expect(await to(integration, '192.0.2.1', large)).toMatchObject({ status: 202 });
    expect(await to(integration, '192.0.2.1', large + 1)).toMatchObject({ status: 413 });
    expect(await to(integration, '192.0.2.2', large)).toMatchObject({ status: 413 });
    expect(await to(await connect(), '192.0.2.1', large)).toMatchObject({ status: 413 });
    const { rows } = await gateway.pool.query<{ bytes: number }>(
      'SELECT max(octet_length(body)) AS bytes FROM deliveries WHERE integration_id = $1',
      [integration.id],
    );
    expect(rows[0]?.bytes).toBe(large);
  });

  test('are for nobody where nothing is verified', async () => {
    const integration = await connect('open');
    expect(await to(integration, '192.0.2.1')).toMatchObject({ status: 202 });
    expect(await to(integration, '192.0.2.1', large)).toMatchObject({ status: 413 });
  });

  test('S22 are one at once for a target, two in all, and stand beside the others', async () => {
    const [integration, another, other] = [
      await connect('big'),
      await connect('big'),
      await connect(),
    ];
    expect(await to(integration, '192.0.2.1')).toMatchObject({ status: 202 });
    expect(await to(another, '192.0.2.2')).toMatchObject({ status: 202 });
    const path = `/webhooks/${integration.id}`;
    const [one] = await halves(2, () => half(path, large, '192.0.2.1'));
    await eventually(async () =>
      expect(await to(integration, '192.0.2.1', large)).toMatchObject({ status: 503 }),
    );
    expect(await to(another, '192.0.2.2', large)).toMatchObject({ status: 202 });
    expect(await to(other, '192.0.2.1', MiB - 1_000)).toMatchObject({ status: 202 });
    one?.socket.write('x');
    await eventually(() => expect(one?.answer()).toMatch(/^HTTP\/1.1 (401|503) /));
    for (const { socket } of senders) socket.destroy();
    await eventually(async () =>
      expect(await to(integration, '192.0.2.1', large)).toMatchObject({ status: 202 }),
    );
  });

  test('S22 hold no place before as much has come as anybody may send', async () => {
    const integration = await connect('big');
    expect(await to(integration, '192.0.2.1')).toMatchObject({ status: 202 });
    await halves(2, () => half(`/webhooks/${integration.id}`, large, '192.0.2.1', MiB - 1));
    expect(await to(integration, '192.0.2.1')).toMatchObject({ status: 202 });
    expect(await to(integration, '192.0.2.1', large)).toMatchObject({ status: 202 });
  });
});
