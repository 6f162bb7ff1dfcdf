import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Arrival } from '../../src/dev/playground/application';
import { newCounts } from '../../src/dev/playground/counts';
import type { IntegrationAnswer } from '../../src/dev/playground/holdfast-schemas';
import { Browser } from '../../src/dev/demo/browser';
import { handleKept } from '../../src/dev/demo/steps-back';
import { handleFive } from '../../src/dev/demo/steps-alive';
import { keepTwenty, revoke, useDeadToken } from '../../src/dev/demo/steps-dead';
import type { Story } from '../../src/dev/demo/story';
import { within } from '../../src/dev/demo/within';

/** What Holdfast and the playground say, as the step would have it; a test changes one thing. */
interface World {
  status: IntegrationAnswer['status'];
  inbox: Partial<IntegrationAnswer['inbox']>;
  outcome: string;
  handled: number[];
  pending: Record<string, number>;
  revoked: number;
  /** Added at every look. */
  apiRefusals: number;
  refused: number;
  sequence: (number: number) => number;
  deliveryId: (number: number) => string;
}

function storyIn(world: Partial<World>): Story {
  const { status = 'ENABLED', inbox = {}, outcome = 'accepted', handled = [] } = world;
  const {
    sequence = (number: number) => number,
    deliveryId = (number: number) => `dlv_${number}`,
  } = world;
  const arrival = (number: number): Arrival => ({
    ...{ integrationId: 'int_1', deliveryId: deliveryId(number), number, attempt: 1 },
    ...{ sequence: String(sequence(number)), at: '', answer: 200, repeated: false },
  });
  const counts = newCounts();
  const arrivals = handled.map(arrival);
  const reason = { code: 'invalid_grant', credential: 'main', message: 'Reconnect.' };
  return {
    ...{ person: 'ada', integrationId: 'int_1', patienceMs: 100, stillMs: 100 },
    playground: {
      connect: () => Promise.reject(new Error('not in this test')),
      reconnect: () => Promise.reject(new Error('not in this test')),
      revoke: () => Promise.resolve({ revoked: world.revoked ?? 1 }),
      send: (integrationId, count) =>
        Promise.resolve({
          sent: Array.from({ length: count }, (_, index) => ({
            ...{ integrationId, number: index + 1, at: '', status: 202, outcome, deliveryId: '' },
          })),
        }),
      received: () => Promise.resolve({ received: arrivals }),
      counts: () => {
        counts.apiRefusals += world.apiRefusals ?? 0;
        counts.refused += world.refused ?? 0;
        return Promise.resolve({ ...counts });
      },
    },
    integration: () =>
      Promise.resolve({
        ...{ id: 'int_1', status, health: 'healthy', credentials: [] },
        reason: status === 'ERROR' ? reason : null,
        inbox: { pending: 0, failed: 0, handled: handled.length, discarded: 0, ...inbox },
      }),
    pendingByOutcome: () => Promise.resolve(world.pending ?? {}),
    handled: () => Promise.resolve(arrivals),
    forget: () => Promise.resolve(),
  };
}

const five = [1, 2, 3, 4, 5];
const all = Array.from({ length: 26 }, (_, index) => index + 1);
const kept: Partial<World> = {
  status: 'ERROR',
  outcome: 'parked',
  handled: five,
  pending: { parked: 20, accepted: 1 },
};

describe('a step that happened is told', () => {
  test.each([
    ['handled', handleFive, { handled: five }],
    ['revoked', revoke, {}],
    ['dead', useDeadToken, { status: 'ERROR' }],
    ['kept', keepTwenty, kept],
    ['drained', handleKept, { handled: all }],
  ] as const)('%s', async (_name, step, world) => {
    await expect(step(storyIn(world))).resolves.toEqual(expect.any(String));
  });
});

describe('a step that did not happen is not believed', () => {
  const swapped = [1, 2, 4, 3, 5];
  test.each<[string, (story: Story) => Promise<string>, Partial<World>, string]>([
    ['out of order', handleFive, { handled: swapped }, 'instead: handled: 1 2 4 3 5'],
    ['one twice', handleFive, { handled: [1, 2, 2, 3, 4, 5] }, 'instead: handled: 1 2 2 3 4 5'],
    ['not accepted', handleFive, { outcome: 'parked' }, 'instead: 202 parked'],
    ['one still waits', handleFive, { handled: five, inbox: { pending: 1 } }, '1 waiting'],
    ['nothing to revoke', revoke, { revoked: 0 }, 'instead: 0 revoked'],
    ['no ERROR', useDeadToken, { status: 'ENABLED' }, 'instead: ENABLED'],
    ['not parked', keepTwenty, { ...kept, outcome: 'accepted' }, 'instead: 202 accepted'],
    ['one handled', keepTwenty, { ...kept, handled: [...five, 6] }, 'handled 1 2 3 4 5 6'],
    ['one lost', keepTwenty, { ...kept, pending: { parked: 19, accepted: 1 } }, '"parked":19'],
    ['one counted as handled', keepTwenty, { ...kept, inbox: { handled: 6 } }, '6 handled'],
    ['back by itself', keepTwenty, { ...kept, status: 'ENABLED' }, 'instead: ENABLED'],
    ['refreshed again', keepTwenty, { ...kept, refused: 1 }, '1 refused refreshes'],
    ['the API asked again', keepTwenty, { ...kept, apiRefusals: 1 }, '1 refused API'],
    ['one missing', handleKept, { handled: all.slice(0, -1) }, 'instead: handled: 1 2'],
    ['still in ERROR', handleKept, { handled: all, status: 'ERROR' }, 'instead: ERROR'],
    ['one set aside', handleKept, { handled: all, inbox: { failed: 1 } }, 'instead: ENABLED'],
    ['a falling sequence', handleKept, { handled: all, sequence: (n) => -n }, 'rising'],
    ['one delivery as two', handleKept, { handled: all, deliveryId: () => 'same' }, 'instead: 1'],
  ])('%s', async (_name, step, world, words) => {
    await expect(step(storyIn(world))).rejects.toThrow(words);
  });

  test('what took too long', () => {
    expect(() => within(2_000, 'from here to there', performance.now() - 2_100)).toThrow(
      'from here to there in less than 2.00 s',
    );
    expect(within(2_000, 'from here to there', performance.now())).toBe('0.00 s');
  });
});

test('the browser sends back the cookies of a host, posts with its origin, and follows by GET', async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    seen.push(`${method} ${url} ${headers.cookie ?? ''} ${headers.origin ?? ''}`.trim());
    if (url !== '/form') response.end('<title>there</title>');
    else response.writeHead(303, { location: '/next', 'set-cookie': 'a=b; Path=/' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const page = await new Browser().submit(`${origin}/form`, { x: 'y' });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(page).toMatchObject({ status: 200, title: 'there' });
  expect(seen).toEqual([`POST /form  ${origin}`, `GET /next a=b ${origin}`]);
});
