import { randomBytes } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { type BodyLimits, usualBodyLimits } from '../../../activities/drain/limits';
import type { Delivery } from '../../../src/handler-api';
import { eventually } from '../../support/eventually';
import { createDrains } from '../../support/scenes/drain';
import { insertDelivery, insertHold, insertIntegration } from '../../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../../support/servers/database';

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
});
afterEach(() => db.drop());

/** Real drains by a handler that hangs for some, and what their bodies take meanwhile. */
function scene(bodyLimits: BodyLimits) {
  const hung = new Set<() => void>();
  const taken = { bytes: 0, most: 0 };
  const attempted: Delivery[] = [];
  let hangs = ({ userId, body }: Delivery) => userId === 'hanging' && body.length > 10;
  const drain = createDrains(db.pool, {
    bodyLimits,
    handler: async (delivery) => {
      attempted.push(delivery);
      taken.bytes += delivery.body.length;
      taken.most = Math.max(taken.most, taken.bytes);
      if (hangs(delivery)) await new Promise<void>((resolve) => hung.add(resolve));
      else await new Promise(setImmediate);
      taken.bytes -= delivery.body.length;
    },
  });
  return {
    hung,
    taken,
    attempted,
    hangWhere: (where: typeof hangs) => (hangs = where),
    heal: () => {
      hangs = () => false;
      for (const release of hung) release();
    },
    /** @returns its result's kind */
    drain: async (integrationId: string): Promise<string> => {
      try {
        return (await drain(integrationId)).kind;
      } catch (error) {
        if (!(error instanceof ApplicationFailure)) throw error;
        return `put off, ${Number(error.nextRetryDelay) > 0 ? 'for a while' : 'for no time'}`;
      }
    },
  };
}

const putOff = 'put off, for a while';

async function integration(
  userId: string,
  bodies: readonly (number | Buffer)[],
  order: 'strict' | 'none' = 'strict',
): Promise<string> {
  const id = await insertIntegration(db.pool, {
    ...{ user_id: userId, handler: 'ours', handling_order: order, handling_concurrency: 20 },
  });
  for (const body of bodies)
    await insertDelivery(db.pool, {
      integration_id: id,
      body: typeof body === 'number' ? Buffer.alloc(body, 'x') : body,
    });
  return id;
}

test('large bodies of a user that hang take no more than their share, and keep nobody else waiting', async () => {
  const { drain, heal, hung, taken } = scene({ totalBytes: 300_000, alongBytes: 1_000 });
  const hanging = [await integration('hanging', [30_000, 30_000, 30_000, 30_000], 'none')];
  for (let n = 0; n < 20; n++) hanging.push(await integration('hanging', [30_000]));
  const results: string[] = [];
  const drains = hanging.map(async (id) => results.push(await drain(id)));
  // Three have their share; the unordered drain, which may be one of these, waits for its own.
  await eventually(() => expect(results.length).toBeGreaterThanOrEqual(18));
  expect(new Set(results)).toEqual(new Set([putOff]));
  expect(hung.size).toBe(3);
  for (const userId of ['healthy-1', 'healthy-2'])
    expect(await drain(await integration(userId, [30_000, 30_000, 500]))).toBe('empty');
  expect(await drain(await integration('hanging', [0, 10]))).toBe('empty');
  heal();
  await Promise.all(drains);
  await eventually(async () => {
    const kinds = await Promise.all(hanging.map(drain));
    expect(new Set(kinds)).toEqual(new Set(['empty']));
  });
  const drainsAtOnce = hanging.length + 1;
  expect(taken).toEqual({ bytes: 0, most: expect.any(Number) as number });
  expect(taken.most).toBeLessThanOrEqual(300_000 + drainsAtOnce * 1_000);
});

test('a body larger than all there is for bodies is handled, one of these at a time', async () => {
  const { drain, heal, hung, attempted } = scene({ totalBytes: 10_000, alongBytes: 1_000 });
  const body = randomBytes(1_300_000);
  const hanging = await integration('hanging', [body]);
  const [other, small] = [
    await integration('healthy', [body, 10]),
    await integration('healthy', [10]),
  ];
  const first = drain(hanging);
  await eventually(() => expect(hung.size).toBe(1));
  expect(await drain(other)).toBe(putOff);
  expect(await drain(small)).toBe('empty');
  heal();
  expect(await first).toBe('empty');
  expect(await drain(other)).toBe('empty');
  const sizes = attempted.map((delivery) => delivery.body.length);
  expect(sizes).toEqual([1_300_000, 10, 1_300_000, 10]);
  expect(attempted[2]?.body.equals(body)).toBe(true);
});

test('S23 a delivery that waits for room keeps its place in the order, and a hold that begins meanwhile stops it', async () => {
  const { drain, heal, hung, attempted } = scene({ totalBytes: 3_000, alongBytes: 100 });
  const hanging = await integration('hanging', [1_000]);
  const next = await integration('hanging', [1_001, 10, 1_002]);
  const first = drain(hanging);
  await eventually(() => expect(hung.size).toBe(1));
  expect(await drain(next)).toBe(putOff);
  await insertHold(db.pool, { user_id: 'hanging' });
  expect(await drain(next)).toBe('held');
  heal();
  await first;
  expect(attempted).toHaveLength(1);
  await db.pool.query('DELETE FROM holds');
  expect(await drain(next)).toBe('empty');
  expect(attempted.map((delivery) => delivery.body.length)).toEqual([1_000, 1_001, 10, 1_002]);
});

test('small bodies that add up are counted: beyond its own room a drain without order has as many in flight as its share allows', async () => {
  const { drain, heal, hung, hangWhere, attempted } = scene({
    ...{ totalBytes: 3_000, alongBytes: 1_000 },
  });
  hangWhere(() => true);
  const inFlight = (userId: string) => attempted.filter((one) => one.userId === userId).length;
  const full = drain(await integration('user-1', [1_900]));
  await eventually(() => expect(hung.size).toBe(1));
  const many = Array.from({ length: 12 }, () => 600);
  const drains = [full, drain(await integration('user-1', many, 'none'))];
  await eventually(() => expect(inFlight('user-1')).toBe(2));
  drains.push(drain(await integration('user-2', many, 'none')));
  await eventually(() => expect(inFlight('user-2')).toBe(2));
  expect(await drain(await integration('user-3', []))).toBe('empty');
  expect([inFlight('user-1'), inFlight('user-2')]).toEqual([2, 2]);
  heal();
  expect(await Promise.all(drains)).toEqual(['empty', 'empty', 'empty']);
  expect(attempted).toHaveLength(25);
});

test.each(['strict', 'none'] as const)(
  'of usual deliveries in the order "%s" no body costs a statement of its own',
  async (order) => {
    const { drain, attempted } = scene(usualBodyLimits);
    const asked = jest.spyOn(db.pool, 'query');
    const bodies = Array.from({ length: 25 }, () => 60_000);
    expect(await drain(await integration('user-1', [...bodies, 70_000], order))).toBe('empty');
    expect(attempted).toHaveLength(26);
    const reads = asked.mock.calls.filter(
      ([query]) => (query as unknown as { name?: string }).name === 'read-body',
    );
    expect(reads).toHaveLength(1);
    asked.mockRestore();
  },
);
