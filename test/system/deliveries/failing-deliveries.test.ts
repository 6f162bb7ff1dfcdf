import type { ServerResponse } from 'node:http';
import { eventually } from '../../support/eventually';
import type { Received } from '../../support/doubles/destination';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';
import { gapsOf, patiently, receivedOf, sendAll, untilState } from './handled-deliveries';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene({ durations: { retryDelaysMs: [400, 2_000] } });
  scene.destination.answer((request, answer) => {
    const reply = replies.get(String(request.headers['holdfast-integration']));
    if (reply === undefined) answer.writeHead(204).end();
    else reply(request, answer);
  });
}, 60_000);
afterAll(() => scene.close(), 60_000);

type Reply = (request: Received, answer: ServerResponse) => void;
/** By integration, so that the tests of this file can run at the same time. */
const replies = new Map<string, Reply>();

async function connect(handling: object, reply: Reply): Promise<IntegrationBody> {
  const integration = await scene.connect({ fields: { handling } });
  replies.set(integration.id, reply);
  return integration;
}

/** Fails the first delivery always, and takes the others. */
const failFirst = (fail: (answer: ServerResponse) => void): Reply => {
  let first: string | undefined;
  return ({ id }, answer) => {
    first ??= id;
    if (id === first) fail(answer);
    else answer.writeHead(204).end();
  };
};

const idsOf = (integration: IntegrationBody) => receivedOf(scene, integration).map(({ id }) => id);

describe('a delivery that fails', () => {
  const failures: [string, number | null, (answer: ServerResponse) => void][] = [
    ['408', 408, (answer) => void answer.writeHead(408).end()],
    ['429', 429, (answer) => void answer.writeHead(429).end()],
    ['500', 500, (answer) => void answer.writeHead(500).end('broken')],
    ['503', 503, (answer) => void answer.writeHead(503).end()],
    ['no answer', null, (answer) => void answer.destroy()],
  ];

  test.concurrent.each(failures)(
    'S24 %s: tried again with growing delays, then set aside, and the queue goes on in order',
    async (_what, status, fail) => {
      const integration = await connect({ maxAttempts: 3 }, failFirst(fail));
      const sent = await sendAll(scene, integration, 3);
      const [first = '', ...others] = sent.map(({ id }) => id);
      for (const id of others) await untilState(scene, id, 'handled');
      const failed = await untilState(scene, first, 'failed');
      expect(failed.attempts.map(({ number }) => number)).toEqual([1, 2, 3]);
      expect(failed.attempts.every((one) => one.status === status)).toBe(true);
      expect(failed.error).toMatch(status === null ? /could not be reached/ : String(status));
      expect(failed.nextAttemptAt).toBeNull();
      expect(idsOf(integration)).toEqual([first, first, first, ...others]);
      const [shorter = 0, longer = 0] = gapsOf(scene, first);
      expect(shorter).toBeGreaterThan(300);
      expect(longer).toBeGreaterThan(1_500);
    },
    90_000,
  );

  test.concurrent.each([
    ['seconds', () => '6'],
    ['a date', () => new Date(Date.now() + 7_000).toUTCString()],
  ])(
    'S24 Retry-After as %s: not before that',
    async (_what, retryAfter) => {
      let failed = false;
      const integration = await connect({}, (_request, answer) => {
        answer.writeHead(failed ? 204 : 429, failed ? {} : { 'retry-after': retryAfter() }).end();
        failed = true;
      });
      const { id } = await scene.webhook(integration);
      await untilState(scene, id, 'handled');
      const [gap = 0] = gapsOf(scene, id);
      expect(gap).toBeGreaterThan(5_500);
    },
    90_000,
  );

  test.concurrent(
    'S24 a destination that asks for an hour every time holds its queue no longer than was said, and not for eight hours',
    async () => {
      const integration = await connect(
        { giveUpAfterSeconds: 6 },
        failFirst((answer) => void answer.writeHead(503, { 'retry-after': '3600' }).end()),
      );
      const [poison, next] = await sendAll(scene, integration, 2);
      await untilState(scene, next?.id ?? '', 'handled');
      const failed = await untilState(scene, poison?.id ?? '', 'failed');
      expect(failed.attempts.length).toBeGreaterThan(1);
      const [began, ended] = [failed.attempts.at(0)?.at, failed.attempts.at(-1)?.at];
      const heldMs = Date.parse(ended ?? '') - Date.parse(began ?? '');
      expect(heldMs).toBeGreaterThan(4_000);
      // The attempts and pauses are six seconds; what is above that is this machine being busy.
      expect(heldMs).toBeLessThan(30_000);
    },
    90_000,
  );

  test.concurrent(
    'S24 time spent switched off is not the delivery’s: it is tried again after that, not set aside',
    async () => {
      let failures = 0;
      const integration = await scene.connect({
        fields: { handling: { giveUpAfterSeconds: 8 }, whenDisabled: 'keep' },
      });
      replies.set(integration.id, (_request, answer) => {
        answer.writeHead(failures++ < 2 ? 503 : 204).end();
      });
      const { id } = await scene.webhook(integration);
      await eventually(() => expect(failures).toBe(1), patiently);
      const path = `/v1/integrations/${integration.id}`;
      await scene.system.api('POST', `${path}/disable`, {});
      // As if that had lasted for ten minutes.
      const earlier = "interval '10 minutes'";
      const { rowCount } = await scene.system.pool.query(
        `UPDATE delivery_attempts SET at = at - ${earlier} WHERE delivery_id = $1`,
        [id],
      );
      expect(rowCount).toBe(1);
      await scene.system.pool.query(
        `UPDATE deliveries SET next_attempt_at = next_attempt_at - ${earlier} WHERE id = $1`,
        [id],
      );
      await scene.system.api('POST', `${path}/enable`, {});
      const { attempts } = await untilState(scene, id, 'handled');
      expect(attempts.map(({ status }) => status)).toEqual([503, 503, 204]);
    },
    90_000,
  );

  test.concurrent(
    'S24 other 4xx: set aside at once; what the sender repeats is a new chance with its old attempts kept',
    async () => {
      let status = 400;
      const integration = await connect({ maxAttempts: 2 }, (_request, answer) => {
        answer.writeHead(status).end(`said ${status}`);
      });
      const { id } = await scene.webhook(integration, { id: 'msg_poison' });
      expect((await untilState(scene, id, 'failed')).attempts).toMatchObject([{ status: 400 }]);
      status = 503;
      expect(await scene.webhook(integration, { id: 'msg_poison' })).toMatchObject({
        ...{ id, outcome: 'accepted' },
      });
      await eventually(async () => {
        const { state, attempts } = await untilState(scene, id, 'failed');
        expect({ state, count: attempts.length }).toEqual({ state: 'failed', count: 3 });
      }, patiently);
      status = 200;
      await scene.webhook(integration, { id: 'msg_poison' });
      const { attempts } = await untilState(scene, id, 'handled');
      expect(attempts).toMatchObject([
        { number: 1, status: 400, answer: 'said 400', error: expect.any(String) as string },
        { number: 2, status: 503, answer: 'said 503' },
        { number: 3, status: 503 },
        { number: 4, status: 200, answer: 'said 200', error: null },
      ]);
    },
    90_000,
  );
});
