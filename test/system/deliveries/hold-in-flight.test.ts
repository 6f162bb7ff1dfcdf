import type { ServerResponse } from 'node:http';
import { eventually } from '../../support/eventually';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';
import { patiently, receivedOf, sendAll, showDelivery, untilState } from './handled-deliveries';

/** What a handler does with a delivery, by the test; and what it was seen to do. */
type Work = (signal: AbortSignal) => Promise<void>;
let work: Work = () => Promise.resolve();
const runs: { id: string; attempt: number }[] = [];

let scene: Scene;
beforeAll(async () => {
  scene = await startScene({
    handlers: {
      work: (delivery, { signal }) => {
        runs.push({ id: delivery.id, attempt: delivery.attempt });
        return work(signal);
      },
    },
  });
}, 60_000);
afterAll(() => scene.close(), 60_000);
afterEach(() => scene.system.api('DELETE', '/v1/hold'));
beforeEach(() => {
  runs.splice(0);
});

const hold = () => scene.system.api('PUT', '/v1/hold', { reason: 'maintenance' });
const lift = () => scene.system.api('DELETE', '/v1/hold');
const connect = (): Promise<IntegrationBody> => scene.connect({ fields: { handler: 'work' } });

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve()));

describe('a hold that comes while a delivery is in hand', () => {
  test('S28 tells the handler within seconds; one that throws then has spent no attempt and is run again after the lift', async () => {
    let toldAfterMs = Infinity;
    work = async (signal) => {
      const at = performance.now();
      await aborted(signal);
      toldAfterMs = performance.now() - at;
      throw new Error('broken off for the hold');
    };
    const integration = await connect();
    const [first, second] = await sendAll(scene, integration, 2);
    await eventually(() => expect(runs).toHaveLength(1), patiently);
    await hold();
    await eventually(() => expect(toldAfterMs).toBeLessThan(15_000), patiently);
    work = () => Promise.resolve();
    // The next look of a drain is behind this one.
    await eventually(async () => {
      const { rowCount } = await scene.system.pool.query(
        "SELECT FROM drain_leases WHERE integration_id = $1 AND until = '-infinity'",
        [integration.id],
      );
      expect(rowCount).toBe(1);
    }, patiently);
    expect(await showDelivery(scene, first?.id ?? '')).toMatchObject({
      ...{ state: 'pending', attempts: [], error: null },
    });
    expect(runs).toHaveLength(1);
    await lift();
    for (const one of [first, second]) await untilState(scene, one?.id ?? '', 'handled');
    expect(runs).toEqual([
      { id: first?.id, attempt: 1 },
      { id: first?.id, attempt: 1 },
      { id: second?.id, attempt: 1 },
    ]);
  }, 90_000);

  test('S28 one that finishes is handled, the next is not started', async () => {
    let finish: () => void = () => undefined;
    let told = false;
    work = async (signal) => {
      void aborted(signal).then(() => (told = true));
      await new Promise<void>((resolve) => (finish = resolve));
    };
    const integration = await connect();
    const [first, second] = await sendAll(scene, integration, 2);
    await eventually(() => expect(runs).toHaveLength(1), patiently);
    await hold();
    await eventually(() => expect(told).toBe(true), patiently);
    finish();
    await untilState(scene, first?.id ?? '', 'handled');
    expect(await showDelivery(scene, second?.id ?? '')).toMatchObject({ state: 'pending' });
    expect(runs).toHaveLength(1);
    work = () => Promise.resolve();
    await lift();
    await untilState(scene, second?.id ?? '', 'handled');
    expect(runs).toHaveLength(2);
  }, 90_000);

  test('S28 a forward is not cut: it finishes, is handled, and the next is not sent', async () => {
    const hanging: ServerResponse[] = [];
    scene.destination.answer((_request, answer) => void hanging.push(answer));
    const integration = await scene.connect();
    const [first, second] = await sendAll(scene, integration, 2);
    await eventually(() => expect(hanging).toHaveLength(1), patiently);
    let cut = false;
    hanging[0]?.once('close', () => (cut = hanging[0]?.writableFinished === false));
    await hold();
    const leasedUntil = async () => {
      const { rows } = await scene.system.pool.query<{ until: Date }>(
        'SELECT until FROM drain_leases WHERE integration_id = $1',
        [integration.id],
      );
      return rows[0]?.until.getTime() ?? 0;
    };
    // Two renewals of the lease, three seconds apart, have seen the hold.
    const before = await leasedUntil();
    await eventually(
      async () => expect((await leasedUntil()) - before).toBeGreaterThan(5_000),
      patiently,
    );
    expect(cut).toBe(false);
    hanging[0]?.writeHead(204).end();
    await untilState(scene, first?.id ?? '', 'handled');
    expect(receivedOf(scene, integration)).toHaveLength(1);
    scene.destination.answer((_request, answer) => void answer.writeHead(204).end());
    await lift();
    await untilState(scene, second?.id ?? '', 'handled');
  }, 90_000);
});
