import type { createHandleDelivery } from '../../../activities/drain/handle-delivery';
import type { Drain } from '../../../activities/drain/handle-delivery';
import { drainUnordered } from '../../../activities/drain/unordered';
import type { UnorderedOptions } from '../../../src/db/queries/deliveries/next-unordered';
import { nextUnordered } from '../../../src/db/queries/deliveries/next-unordered';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { insertDelivery, insertIntegration, sql } from '../../support/scenes/rows';

type Handle = ReturnType<typeof createHandleDelivery>;

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
  await insertIntegration(db.pool, { id: 'int_1', handling_order: 'none' });
  await db.pool.query(
    "INSERT INTO drain_leases VALUES ('int_1', 1, now() + interval '10 minutes')",
  );
});
afterEach(() => db.drop());

const insert = (sequence: number, nextAttemptAt: string) =>
  insertDelivery(db.pool, {
    ...{ id: `dlv_${sequence}`, integration_id: 'int_1', sequence },
    next_attempt_at: sql(nextAttemptAt),
  });

/** A drain over real rows whose deliveries are handled at once; what was asked for is written down. */
function drainOf(beforeMark: (deliveryId: string) => Promise<unknown> = () => Promise.resolve()) {
  const asked: UnorderedOptions[] = [];
  const handled: string[] = [];
  const handle: Handle = async (_step, { id }) => {
    handled.push(id);
    await beforeMark(id);
    await db.pool.query("UPDATE deliveries SET state = 'handled', ended_at = now() WHERE id = $1", [
      id,
    ]);
    return { kind: 'marked', waitMs: null, waitsForToken: false, isHandled: true };
  };
  const lease = {
    bodies: { take: () => null, letGo: () => undefined },
    nextUnordered: (options: UnorderedOptions) => {
      asked.push(options);
      return nextUnordered(db.pool, 'int_1', { fencingToken: 1, ms: 600_000 }, options, 65_536);
    },
  };
  const place = { attempt: () => () => undefined, goOn: () => null };
  const drain = { lease, handle, place, isOver: () => false } as unknown as Drain;
  return { drain, asked, handled };
}

test('of many that have waited, all are handled without a look past all of them for each', async () => {
  for (let n = 1; n <= 60; n++) await insert(n, "now() - interval '1 second'");
  const { drain, asked, handled } = drainOf();
  const startedAt = performance.now();
  expect(await drainUnordered(drain)).toEqual({ kind: 'empty' });
  expect(new Set(handled).size).toBe(60);
  expect(handled).toHaveLength(60);
  // Once a second, and at both ends.
  const seconds = (performance.now() - startedAt) / 1_000;
  const fromTheBeginning = asked.filter(({ fromSequence }) => fromSequence === 0);
  expect(fromTheBeginning.length).toBeLessThanOrEqual(4 + 3 * seconds);
});

test('one that arrives while others that have waited are handled is handled by the same drain, whatever its number', async () => {
  for (let n = 11; n <= 30; n++) await insert(n, "now() - interval '1 second'");
  const { drain, handled } = drainOf((id) =>
    id === 'dlv_15' ? insert(3, 'NULL') : Promise.resolve(),
  );
  expect(await drainUnordered(drain)).toEqual({ kind: 'empty' });
  expect(handled).toContain('dlv_3');
  expect(handled).toHaveLength(21);
});
