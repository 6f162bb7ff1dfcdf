import { createBodyRoom } from '../../../activities/drain/body-room';
import { usualBodyLimits } from '../../../activities/drain/limits';
import { type DrainLease, acquireLease } from '../../../activities/drain/lease';
import { takeLease } from '../../../src/db/queries/deliveries/lease';
import { type AttemptRecord, markDelivery } from '../../../src/db/queries/deliveries/mark-and-next';
import { newId } from '../../../src/lib/ids';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { eventually } from '../../support/eventually';
import { insertDelivery, insertIntegration } from '../../support/scenes/rows';

let db: TestDatabase;
const bodyRoom = createBodyRoom(usualBodyLimits);
const leases: DrainLease[] = [];
beforeAll(async () => {
  db = await testDatabase();
});
afterEach(() => Promise.all(leases.splice(0).map((lease) => lease.release())));
afterAll(() => db.drop());

async function integration(): Promise<{ id: string; deliveryId: string }> {
  const id = await insertIntegration(db.pool);
  return { id, deliveryId: await keep(id) };
}

/** One that comes behind all that is kept. */
const keep = (integrationId: string) =>
  insertDelivery(db.pool, { integration_id: integrationId, dedupe_key: 'key' });

async function hold(id: string) {
  const held = await acquireLease(db.pool, bodyRoom, id);
  if (held.kind !== 'taken') throw new Error(`the lease is ${held.kind}`);
  leases.push(held.lease);
  return held.lease;
}

/** As if its holder had not renewed it for ten seconds. */
const runOut = (id: string) =>
  db.pool.query('UPDATE drain_leases SET until = now() WHERE integration_id = $1', [id]);

const handled = (id: string, deliveryId: string, fencingToken: number): AttemptRecord => ({
  ...{ deliveryId, integrationId: id, fencingToken, state: 'handled', number: 1, counts: true },
  ...{ waitsFor: null, durationMs: 1, status: 204, error: null, answer: null, delayMs: null },
  destination: null,
});

const mark = async (id: string, deliveryId: string, fencingToken: number) =>
  (await markDelivery(db.pool, handled(id, deliveryId, fencingToken))) !== null;

describe('the lease of a drain', () => {
  test('S26 while one holds it nobody else takes it, until it is released', async () => {
    const { id } = await integration();
    const lease = await hold(id);
    expect(await takeLease(db.pool, id, 10_000)).toMatchObject({ kind: 'busy' });
    expect(await lease.nextOrdered()).toMatchObject({ status: 'ENABLED' });
    await lease.release();
    expect(await takeLease(db.pool, id, 10_000)).toMatchObject({
      kind: 'taken',
      fencingToken: lease.fencingToken + 1,
    });
  });

  test('S26 a drain that was overtaken reads no delivery, marks none, and calls off what it has in hand', async () => {
    const { id, deliveryId } = await integration();
    const first = await hold(id);
    await runOut(id);
    const second = await hold(id);
    expect(second.fencingToken).toBeGreaterThan(first.fencingToken);
    expect(first.isOver()).toBe(false);
    expect(await first.nextOrdered()).toBeNull();
    expect(first.isOver()).toBe(true);
    await eventually(() => expect(first.signal.aborted).toBe(true));
    expect(await mark(id, deliveryId, first.fencingToken)).toBe(false);
    // Nor does its release end the other one's.
    await first.release();
    expect(await second.nextOrdered()).toMatchObject({ delivery: { id: deliveryId } });
    expect(await mark(id, deliveryId, second.fencingToken)).toBe(true);
  });

  test('S26 one statement marks what was handled and reads what is next, until nothing is', async () => {
    const { id, deliveryId } = await integration();
    const later = await keep(id);
    const lease = await hold(id);
    expect(await lease.nextOrdered()).toMatchObject({ delivery: { id: deliveryId } });
    const marked = await lease.markAndNext(handled(id, deliveryId, lease.fencingToken));
    expect(marked).toMatchObject({ marked: true, step: { delivery: { id: later } } });
    expect(await lease.nextOrdered()).toMatchObject({ delivery: { id: later } });
    const last = await lease.markAndNext(handled(id, later, lease.fencingToken));
    expect(last).toMatchObject({ marked: true, step: { status: 'ENABLED', delivery: null } });
    // Marked already: no second time, and the queue goes on.
    const again = await lease.markAndNext(handled(id, later, lease.fencingToken));
    expect(again).toMatchObject({ marked: false, step: { status: 'ENABLED', delivery: null } });
  });

  test('S26 a drain that was overtaken marks nothing with it and is told of nothing', async () => {
    const { id, deliveryId } = await integration();
    const first = await hold(id);
    await runOut(id);
    const second = await hold(id);
    expect(await first.markAndNext(handled(id, deliveryId, first.fencingToken))).toEqual({
      ...{ marked: false, step: null },
    });
    expect(first.isOver()).toBe(true);
    expect(await second.nextOrdered()).toMatchObject({ delivery: { id: deliveryId } });
  });

  test('S26 what was handled when its lease had just run out is marked, and nothing is next', async () => {
    const { id, deliveryId } = await integration();
    await keep(id);
    const lease = await hold(id);
    await runOut(id);
    expect(await lease.markAndNext(handled(id, deliveryId, lease.fencingToken))).toEqual({
      ...{ marked: true, step: null },
    });
    expect(lease.isOver()).toBe(true);
  });

  test('S26 a renewal that finds the lease taken ends it without waiting for the next delivery', async () => {
    const { id } = await integration();
    const first = await hold(id);
    await runOut(id);
    const second = await hold(id);
    await eventually(() => expect(first.signal.aborted).toBe(true));
    expect(second.isOver()).toBe(false);
  });

  test('an integration that there is not has no lease', async () => {
    expect(await acquireLease(db.pool, bodyRoom, newId('int'))).toEqual({ kind: 'gone' });
  });
});
