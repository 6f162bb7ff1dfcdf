import { releaseLease, takeLease } from '../../src/db/queries/deliveries/lease';
import { testDatabase, type TestDatabase } from '../support/servers/database';
import {
  insertDeliveries,
  insertIntegration,
  insertIntegrations,
  sql,
} from '../support/scenes/rows';
import { past, retentionPass, within } from './passing';

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
});
afterEach(() => db.drop());

async function keep(integrationId: string, receivedAt: string, count = 1): Promise<void> {
  await insertDeliveries(db.pool, count, {
    ...{ integration_id: integrationId, outcome: 'parked', body: Buffer.from('secret') },
    ...{ received_at: sql(receivedAt), next_attempt_at: sql('now()') },
  });
}

async function states(integrationId: string): Promise<Record<string, number>> {
  const { rows } = await db.pool.query<{ state: string; count: number }>(
    'SELECT state, count(*) FROM deliveries WHERE integration_id = $1 GROUP BY state',
    [integrationId],
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

test('what was kept for longer than the retention time expires, without its body, and goes a retention time later', async () => {
  await insertIntegration(db.pool, { id: 'int_1', status: 'ERROR' });
  await keep('int_1', past, 25);
  await keep('int_1', within, 3);
  const lines = await retentionPass(db.pool, 10);
  expect(await states('int_1')).toEqual({ expired: 25, pending: 3 });
  const { rows } = await db.pool.query(
    `SELECT DISTINCT octet_length(body) AS length, next_attempt_at, ended_at > now() - interval '1 minute' AS now
     FROM deliveries WHERE state = 'expired'`,
  );
  expect(rows).toEqual([{ length: 0, next_attempt_at: null, now: true }]);
  const warnings = lines.filter((line) => line.includes('expired'));
  expect(warnings).toHaveLength(1);
  expect(JSON.parse(warnings[0] ?? '')).toMatchObject({
    ...{ level: 'warn', integrationId: 'int_1', expired: 25 },
  });

  await db.pool.query(`UPDATE deliveries SET ended_at = ${past} WHERE state = 'expired'`);
  await retentionPass(db.pool, 10);
  expect(await states('int_1')).toEqual({ pending: 3 });
});

test('what is being drained does not expire, and does once the lease is over', async () => {
  for (const [id, until] of [
    ['drained', "now() + interval '10 seconds'"],
    ['left', "now() - interval '1 second'"],
  ] as const) {
    await insertIntegration(db.pool, { id });
    await keep(id, past);
    await db.pool.query(`INSERT INTO drain_leases VALUES ($1, 7, ${until})`, [id]);
  }
  await retentionPass(db.pool);
  expect(await states('drained')).toEqual({ pending: 1 });
  expect(await states('left')).toEqual({ expired: 1 });
  // A drain that was overtaken here marks nothing any more, and another one may begin at once.
  const { rows } = await db.pool.query(
    "SELECT number, until = '-infinity' AS free FROM drain_leases WHERE integration_id = 'left'",
  );
  expect(rows).toEqual([{ number: 8, free: true }]);
  await db.pool.query("UPDATE drain_leases SET until = '-infinity'");
  await retentionPass(db.pool);
  expect(await states('drained')).toEqual({ expired: 1 });
});

test('what went to the end of the queue once more is kept from then on', async () => {
  await insertIntegration(db.pool, { id: 'int_1', status: 'ERROR' });
  await keep('int_1', past);
  await db.pool.query('UPDATE deliveries SET requeued_at = now()');
  await retentionPass(db.pool);
  expect(await states('int_1')).toEqual({ pending: 1 });
  await db.pool.query(`UPDATE deliveries SET requeued_at = ${past}`);
  await retentionPass(db.pool);
  expect(await states('int_1')).toEqual({ expired: 1 });
});

test('a row that a sender is just repeating is passed over, and others of its integration expire', async () => {
  await insertIntegration(db.pool, { id: 'int_1', status: 'ERROR' });
  await keep('int_1', past, 3);
  const holder = await db.pool.connect();
  try {
    await holder.query('BEGIN');
    await holder.query('SELECT FROM deliveries ORDER BY sequence LIMIT 1 FOR UPDATE');
    await retentionPass(db.pool);
    expect(await states('int_1')).toEqual({ expired: 2, pending: 1 });
    await holder.query('COMMIT');
  } finally {
    holder.release();
  }
});

test('one integration after the other is looked at, however many keep something', async () => {
  await insertIntegrations(db.pool, 1001, { id: sql("'int_' || to_char(n, 'FM0000')") });
  for (const id of ['int_0001', 'int_0500', 'int_0501', 'int_1001']) await keep(id, past);
  await db.pool.query(
    `INSERT INTO deliveries (id, integration_id, claim, outcome, state, dedupe_hash, headers, body)
     SELECT id || n, id, 'x', 'parked', 'pending', sha256((id || n)::bytea), '[]', ''
     FROM integrations, generate_series(1, 2) n`,
  );
  await retentionPass(db.pool);
  const { rows } = await db.pool.query(
    "SELECT array_agg(integration_id ORDER BY integration_id) AS ids FROM deliveries WHERE state = 'expired'",
  );
  expect(rows).toEqual([{ ids: ['int_0001', 'int_0500', 'int_0501', 'int_1001'] }]);
});

test('a drain that begins meanwhile never has a delivery in hand that expires', async () => {
  await insertIntegration(db.pool, { id: 'int_1' });
  await keep('int_1', past, 60);
  const expired = new AbortController();
  const seen: string[] = [];
  const drains = (async () => {
    while (!expired.signal.aborted) {
      const lease = await takeLease(db.pool, 'int_1', 10_000);
      if (lease.kind !== 'taken') continue;
      const { rows } = await db.pool.query<{ id: string }>(
        "SELECT id FROM deliveries WHERE state = 'pending' ORDER BY sequence LIMIT 1",
      );
      const id = rows[0]?.id;
      await db.pool.query('SELECT pg_sleep(0.005)');
      const after = await db.pool.query<{ state: string }>(
        'SELECT state FROM deliveries WHERE id = $1',
        [id],
      );
      if (id !== undefined) seen.push(after.rows[0]?.state ?? 'gone');
      await releaseLease(db.pool, 'int_1', lease.fencingToken);
    }
  })();
  while ((await states('int_1'))['pending'] !== undefined) await retentionPass(db.pool, 1);
  expired.abort();
  await drains;
  expect(new Set(seen)).toEqual(new Set(['pending']));
});
