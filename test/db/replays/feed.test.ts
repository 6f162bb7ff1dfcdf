import { feedReplay, replayRoom } from '../../../src/db/queries/replays/feed';
import { insertReplay, type ReplayChoice } from '../../../src/db/queries/replays/insert';
import { cancelReplay, readReplay } from '../../../src/db/queries/replays/list';
import { duePage } from '../../../src/db/queries/sweep/due';
import type { Pool } from '../../../src/db/pool';
import { eventually } from '../../support/eventually';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { insertDeliveries, insertIntegration, sql } from '../../support/scenes/rows';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

let replays = 0;

/** With so many dead letters, received one after the other, with keys in another order. */
async function integrationWith(count: number): Promise<string> {
  const id = await insertIntegration(db.pool);
  await insertDeliveries(db.pool, count, {
    ...{ id: sql(`'dlv_${id}_' || n`), integration_id: id, state: 'failed' },
    received_at: sql("timestamptz '2026-01-01' + n / 3 * interval '1 second'"),
    ended_at: '2026-01-02',
  });
  return id;
}

const everything: ReplayChoice = {
  deliveryId: null,
  state: null,
  fromMicros: null,
  toMicros: null,
};

async function replayOf(
  integrationId: string,
  choice: Partial<ReplayChoice> = {},
): Promise<string> {
  const id = `rpl_${++replays}`;
  await insertReplay(db.pool, { id, integrationId, choice: { ...everything, ...choice } });
  return id;
}

const feed = (id: string, limit: number) => feedReplay(db.pool, id, { limit, inBackground: true });

/** @returns how many are pending, and whether they are queued in the order in which they were received */
async function queued(integrationId: string) {
  const { rows } = await db.pool.query<{ pending: number; inOrder: boolean; replays: string[] }>(
    `SELECT count(*)::int AS pending, coalesce(bool_and(rank = place), true) AS "inOrder",
            array_agg(DISTINCT claim) AS replays
     FROM (SELECT claim, row_number() OVER (ORDER BY sequence) AS rank,
                  row_number() OVER (ORDER BY received_at, id) AS place
           FROM deliveries WHERE integration_id = $1 AND state = 'pending') d`,
    [integrationId],
  );
  return rows[0];
}

test('S25 four that feed one replay at the same time queue each delivery once, in the order of receipt', async () => {
  const integrationId = await integrationWith(1_000);
  const id = await replayOf(integrationId);
  const runs = Array.from({ length: 4 }, async () => {
    let fed = 0;
    for (;;) {
      const batch = await feed(id, 37);
      fed += batch?.count ?? 0;
      if (batch?.ended !== false) return fed;
    }
  });
  const fed = await Promise.all(runs);
  expect(fed.reduce((sum, one) => sum + one)).toBe(1_000);
  expect(await queued(integrationId)).toEqual({ pending: 1_000, inOrder: true, replays: [id] });
});

test('S25 two replays of the same at the same time queue each delivery once', async () => {
  const integrationId = await integrationWith(1_000);
  const ids = [await replayOf(integrationId), await replayOf(integrationId, { state: 'failed' })];
  const fed = await Promise.all(
    ids.map(async (id) => {
      let sum = 0;
      for (let batch = await feed(id, 41); batch !== null; batch = await feed(id, 41)) {
        sum += batch.count;
      }
      return sum;
    }),
  );
  expect(fed.reduce((sum, one) => sum + one)).toBe(1_000);
  expect(await queued(integrationId)).toMatchObject({ pending: 1_000 });
});

test('what ends again while a replay goes on does not come round again', async () => {
  const integrationId = await integrationWith(9);
  const id = await replayOf(integrationId, { state: null });
  let fed = 0;
  for (let batch = await feed(id, 2); batch !== null; batch = await feed(id, 2)) {
    fed += batch.count;
    if (fed > 20) break;
    // All that is pending fails again, and is as old as it was; one is later than where the replay has come to.
    await db.pool.query(
      `UPDATE deliveries SET state = 'failed', ended_at = now(),
         received_at = CASE WHEN id = $2 THEN timestamptz '2026-01-01T01:00:00Z' ELSE received_at END
       WHERE integration_id = $1 AND state = 'pending'`,
      [integrationId, `dlv_${integrationId}_1`],
    );
  }
  expect(fed).toBe(9);
});

/** Locks this one's deliveries in the order of their keys, as the inbox does, but slowly. */
async function locking(integrationId: string) {
  const client = await db.pool.connect();
  await client.query('BEGIN');
  return {
    lock: (order: 'ASC' | 'DESC') =>
      client.query(
        `SELECT FROM deliveries WHERE integration_id = $1 ORDER BY dedupe_hash ${order} LIMIT 1 FOR UPDATE`,
        [integrationId],
      ),
    end: async () => {
      await client.query('COMMIT');
      client.release();
    },
  };
}

const waiting = async () => {
  const { rowCount } = await db.pool.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rowCount ?? 0;
};

test('a webhook that is sent again while its row is replayed waits for it, and neither fails', async () => {
  const integrationId = await integrationWith(300);
  const id = await replayOf(integrationId);
  const inbox = await locking(integrationId);
  await inbox.lock('ASC');
  const feeding = feed(id, 500);
  await eventually(async () => expect(await waiting()).toBe(1));
  const other = inbox.lock('DESC').finally(() => inbox.end());
  expect(await feeding).toMatchObject({ count: 300, ended: true });
  await other;
});

test('S25 a cancellation waits for what is just being queued, and then nothing follows', async () => {
  const integrationId = await integrationWith(10);
  const id = await replayOf(integrationId);
  const inbox = await locking(integrationId);
  await inbox.lock('ASC');
  const feeding = feed(id, 10);
  await eventually(async () => expect(await waiting()).toBe(1));
  let settled = false;
  const cancelled = cancelReplay(db.pool, id).then(() => {
    settled = true;
    return readReplay(db.pool, id);
  });
  await eventually(async () => expect(settled || (await waiting()) === 2).toBe(true));
  await inbox.end();
  expect(await feeding).toMatchObject({ count: 10, ended: false });
  expect(await cancelled).toMatchObject({ done: 10, endReason: 'cancelled' });
  expect(await feed(id, 10)).toBeNull();
});

test('S25 once the integration is DISABLED, or was, the rest is not replayed', async () => {
  for (const [status, transitions] of [
    ['DISABLED', 0],
    ['ENABLED', 2],
  ] as const) {
    const integrationId = await integrationWith(10);
    const id = await replayOf(integrationId);
    await feed(id, 4);
    await db.pool.query(
      "UPDATE integrations SET status = $2, reason_code = 'x', transition = $3 WHERE id = $1",
      [integrationId, status, transitions],
    );
    if (transitions > 0) {
      await db.pool.query(
        `INSERT INTO transitions (integration_id, number, from_status, to_status, by) VALUES
           ($1, 1, 'ENABLED', 'DISABLED', 'x'), ($1, 2, 'DISABLED', 'ENABLED', 'x')`,
        [integrationId],
      );
    }
    expect(await feed(id, 4)).toMatchObject({ count: 0, ended: true });
    expect(await queued(integrationId)).toMatchObject({ pending: 4 });
    const { rows } = await db.pool.query(
      'SELECT done, total, end_reason FROM replays WHERE id = $1',
      [id],
    );
    expect(rows).toEqual([{ done: 4, total: 10, end_reason: 'integration_disabled' }]);
    // One that is asked for from now on has nothing to do with it.
    const next = await replayOf(integrationId);
    if (status === 'ENABLED') expect(await feed(next, 9)).toMatchObject({ count: 6, ended: true });
  }
});

test('a replay has room for half of what may be kept, and counts no further', async () => {
  const integrationId = await integrationWith(10);
  const id = await replayOf(integrationId);
  const rooms = () => Promise.all([1, 4, 5, 100].map((limit) => replayRoom(db.pool, id, limit)));
  expect(await rooms()).toEqual([1, 2, 3, 50]);
  await feed(id, 3);
  expect(await rooms()).toEqual([0, 0, 0, 47]);
  expect(await feed(id, 0)).toMatchObject({ count: 0, ended: false });
  expect(await replayRoom(db.pool, 'rpl_nobody', 100)).toBe(0);
});

test('the sweep rings for replays that nobody has looked at, and for all that are open when Temporal is new', async () => {
  const integrationId = await integrationWith(5);
  const [forgotten, fed, ended] = [
    await replayOf(integrationId),
    await replayOf(integrationId),
    await replayOf(integrationId),
  ];
  await feed(ended, 10);
  await db.pool.query(
    "UPDATE replays SET fed_at = now() - interval '2 minutes' WHERE id = ANY ($1)",
    [[forgotten, ended]],
  );
  const due = async (all: boolean) => {
    const page = await duePage(db.pool, 'replay', { all, after: '', limit: 100 });
    return page.due.map(({ id }) => id);
  };
  expect(await due(false)).toEqual([forgotten]);
  const open = await due(true);
  expect(open).toEqual(expect.arrayContaining([forgotten, fed]));
  expect(open).not.toContain(ended);
});

test('counting and feeding go by the indexes, whatever Postgres knows of the table', async () => {
  const integrationId = await integrationWith(30_000);
  const id = await replayOf(integrationId, { state: 'failed' });
  const plans: string[] = [];
  const explain = async (sql: string, values: unknown[] = []) => {
    if (!sql.includes('deliveries')) return client.query(sql, values);
    const { rows } = await client.query<Record<string, string>>(`EXPLAIN ${sql}`, values);
    plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
    return { rows: [] };
  };
  const client = await db.pool.connect();
  const explaining = {
    query: explain,
    connect: () => Promise.resolve({ query: explain, release: () => undefined }),
  } as unknown as Pool;
  for (const known of ['nothing', 'everything']) {
    if (known === 'everything') await db.pool.query('ANALYZE deliveries');
    const choice = { ...everything, state: 'failed' } as const;
    await insertReplay(explaining, { id: 'rpl_plan', integrationId, choice });
    await feedReplay(explaining, id, { limit: 500, inBackground: true });
    await replayRoom(explaining, id, 100_000);
  }
  client.release();
  expect(plans).toHaveLength(6);
  // Beside this, each row is looked up by its id, or, where they are few, all are read.
  for (const plan of plans.filter((one) => one.includes('CTE chosen'))) {
    expect(plan).toMatch(/Index Only Scan Backward using deliveries_state_page on deliveries/);
  }
});
