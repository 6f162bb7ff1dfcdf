import { duePage } from '../../../src/db/queries/sweep/due';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import {
  insertCredential,
  insertDeliveries,
  insertHold,
  insertIntegration,
  sql,
} from '../../support/scenes/rows';

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
});
afterEach(() => db.drop());

/** Of a person of its own. */
const integration = (id: string, order: 'strict' | 'none' = 'strict') =>
  insertIntegration(db.pool, { id, user_id: id, handling_order: order });

/** @param next SQL of when it is tried again */
const deliveries = (integrationId: string, next: string, count = 1) =>
  insertDeliveries(db.pool, count, { integration_id: integrationId, next_attempt_at: sql(next) });

async function due(limit = 10): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | null = ''; after !== null;) {
    const page = await duePage(db.pool, 'inbox', { all: false, after, limit });
    found.push(...page.due.map(({ id }) => id));
    after = page.after;
  }
  return found;
}

const soon = "now() + interval '1 hour'";
const past = "now() - interval '1 second'";

test('what waits for its time is not due, nor what stands behind it', async () => {
  await integration('waiting');
  await deliveries('waiting', soon);
  await deliveries('waiting', 'NULL');
  await integration('come');
  await deliveries('come', past);
  expect(await due()).toEqual(['come']);
});

test('without order, what stands behind a waiting delivery is due', async () => {
  for (const [id, next] of [
    ['fresh', 'NULL'],
    ['again', past],
    ['later', soon],
  ] as const) {
    await integration(id, 'none');
    await deliveries(id, soon);
    await deliveries(id, next);
  }
  expect(await due()).toEqual(['again', 'fresh']);
});

test.each(['strict', 'none'] as const)(
  'a delivery that waits for a token is due once there is a newer one (order %s)',
  async (order) => {
    await insertCredential(db.pool, { id: 'crd', version: 4 });
    for (const [id, version] of [
      ['newer', 3],
      ['same', 4],
    ] as const) {
      await integration(id, order);
      await deliveries(id, soon);
      await db.pool.query(
        "UPDATE deliveries SET waits_for_credential = 'crd', waits_for_version = $2 WHERE integration_id = $1",
        [id, version],
      );
    }
    expect(await due()).toEqual(['newer']);
  },
);

test('nobody is rung who is not ENABLED, is deleted, held, or being drained', async () => {
  for (const id of ['broken', 'deleted', 'drained', 'free', 'held', 'left']) {
    await integration(id);
    await deliveries(id, 'NULL');
  }
  await db.pool.query(
    "UPDATE integrations SET status = 'ERROR', reason_code = 'revoked' WHERE id = 'broken'",
  );
  await db.pool.query("UPDATE integrations SET deleted_at = now() WHERE id = 'deleted'");
  await insertHold(db.pool, { user_id: 'held' });
  await db.pool.query(
    `INSERT INTO drain_leases (integration_id, number, until)
     VALUES ('drained', 1, now() + interval '1 minute'), ('left', 1, now() - interval '1 second')`,
  );
  expect(await due()).toEqual(['free', 'left']);
  expect(await due(1)).toEqual(['free', 'left']);
  await insertHold(db.pool);
  expect(await due()).toEqual([]);
});

test('a queue that is longer than what a page looks at keeps nobody behind it from being found', async () => {
  await integration('a-long');
  await deliveries('a-long', soon, 20_005);
  await integration('b-due');
  await deliveries('b-due', 'NULL');
  const first = await duePage(db.pool, 'inbox', { all: false, after: '', limit: 10 });
  expect(first).toEqual({ due: [], after: 'a-long' });
  expect(await due()).toEqual(['b-due']);
});
