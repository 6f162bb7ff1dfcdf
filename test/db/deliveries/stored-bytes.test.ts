import { randomBytes, randomUUID } from 'node:crypto';
import { acceptDeliveries } from '../../../src/db/queries/deliveries/accept';
import {
  addStoredBytes,
  countStoredBytes,
  listUncounted,
} from '../../../src/db/queries/deliveries/stored-bytes';
import { deleteIntegrationRows } from '../../../src/db/queries/integrations/delete';
import { countBytes } from '../../../src/retention/count-bytes';
import { newId } from '../../../src/lib/ids';
import { createLog } from '../../../src/lib/log';
import { past, retentionPass } from '../../retention/passing';
import { eventually } from '../../support/eventually';
import {
  insertDeliveries,
  insertDelivery,
  insertIntegration,
  sql,
} from '../../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../../support/servers/database';

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
});
afterEach(() => db.drop());

const report = randomUUID();
const headers = '[["é","é"]]';
/** Of headers and a body of 1,000. */
const size = Buffer.byteLength(headers) + 1_000;
const keep = (id: string, count: number, fields: object = {}) =>
  insertDeliveries(db.pool, count, {
    ...{ integration_id: id, headers, body: Buffer.alloc(1_000, 'x') },
    ...fields,
  });

const bytesOf = async (id: string) => {
  const { rows } = await db.pool.query<{ bytes: number }>(
    'SELECT bytes FROM stored_bytes WHERE integration_id = $1',
    [id],
  );
  return rows[0]?.bytes;
};

const countAll = () =>
  countBytes({
    ...{ pool: db.pool, retentionDays: 30, auditRetentionDays: 365 },
    ...{ keepLimitBytes: 10 * size, batchSize: 1, pauseMs: 0 },
    ...{ log: createLog('silent'), signal: new AbortController().signal },
  });

test('what was stored before anybody counted is counted, in bytes and before compression', async () => {
  const id = await insertIntegration(db.pool);
  await keep(id, 3);
  await keep(id, 2, { state: 'handled' });
  // A gateway reports what it stores from now on: that is not all there is.
  await keep(id, 1);
  await addStoredBytes(db.pool, [[id, size]], report);
  expect(await bytesOf(id)).toBe(size);
  await countAll();
  expect(await bytesOf(id)).toBe(6 * size);
  expect(await listUncounted(db.pool, { half: 1e9, limit: 9 })).toEqual([]);
});

test('what a crash lost is found by the next count, soonest where there is much', async () => {
  const ids = ['int_little', 'int_much', 'int_most'] as const;
  for (const [index, id] of ids.entries()) {
    await insertIntegration(db.pool, { id });
    await keep(id, 1 + 4 * index);
    await countStoredBytes(db.pool, id);
    await keep(id, 1);
  }
  await db.pool.query("UPDATE stored_bytes SET counted_at = now() - interval '2 hours'");
  const half = 5 * size;
  expect(await listUncounted(db.pool, { half, limit: 9 })).toEqual(['int_most', 'int_much']);
  await countAll();
  expect(await Promise.all(ids.map(bytesOf))).toEqual([1, 6, 10].map((n) => n * size));
});

test('what older gateways stored or deleted in a rolling upgrade is found: soon, and at once below 0', async () => {
  const ids = ['int_early', 'int_later', 'int_below'];
  for (const id of ids) {
    await insertIntegration(db.pool, { id });
    await countStoredBytes(db.pool, id);
  }
  await db.pool.query("UPDATE migrations SET run_on = now() - interval '2 hours'");
  const counted = (id: string, ago: string, bytes: number) =>
    db.pool.query(
      'UPDATE stored_bytes SET counted_at = now() - $2::interval, bytes = $3 WHERE integration_id = $1',
      [id, ago, bytes],
    );
  await counted('int_early', '90 minutes', 0);
  await counted('int_later', '55 minutes', 0);
  await counted('int_below', '1 minute', -1);
  const listed = await listUncounted(db.pool, { half: 1e9, limit: 9 });
  expect(listed.sort()).toEqual(['int_below', 'int_early']);
  await countAll();
  expect(await listUncounted(db.pool, { half: 1e9, limit: 9 })).toEqual([]);
});

test('what is reported while it is counted stays', async () => {
  const id = await insertIntegration(db.pool);
  await keep(id, 2);
  await addStoredBytes(db.pool, [[id, 7]], report);
  const holder = await db.pool.connect();
  try {
    await holder.query('BEGIN');
    await addStoredBytes(holder, [[id, 5]], report);
    const count = countStoredBytes(db.pool, id);
    await waitsForLock();
    await holder.query('COMMIT');
    await count;
  } finally {
    holder.release();
  }
  expect(await bytesOf(id)).toBe(2 * size + 5);
});

test('what a gateway has reported counts once, though it has not heard yet that it is in', async () => {
  const id = await insertIntegration(db.pool);
  const keep = { keepLimit: 10, keepLimitBytes: 1_000, full: new Map() };
  const reports = { underWay: report, next: randomUUID() };
  const toCount = new Map([[id, { waiting: 3, underWay: 40 }]]);
  const counted = async () => {
    const delivery = {
      ...{ id: newId('dlv'), integrationId: id, position: 0, dedupeKey: 'key', eventType: null },
      ...{ dedupeHash: randomBytes(32), headers: '[]', body: Buffer.alloc(1), refusable: true },
    };
    const { kept } = await acceptDeliveries(db.pool, [delivery], { ...keep, toCount, reports });
    return kept.get(id)?.bytes;
  };
  expect(await counted()).toBe(43);
  await addStoredBytes(db.pool, [[id, 500]], randomUUID());
  expect(await counted()).toBe(543);
  await addStoredBytes(db.pool, [[id, 40]], report);
  expect(await counted()).toBe(543);
  await addStoredBytes(db.pool, [[id, 3]], reports.next);
  expect(await counted()).toBe(543);
});

test('what is deleted by age, or loses its body, is subtracted', async () => {
  const [aged, parked] = [await insertIntegration(db.pool), await insertIntegration(db.pool)];
  await keep(aged, 3, { state: 'handled', ended_at: sql(past) });
  await keep(aged, 1, { state: 'handled' });
  await keep(parked, 3, { received_at: sql(past) });
  await keep(parked, 1);
  await countAll();
  await retentionPass(db.pool, 2);
  expect(await bytesOf(aged)).toBe(size);
  expect(await bytesOf(parked)).toBe(4 * size - 3 * 1_000);
});

test('integrations that are just being deleted are left out of a report, which waits for nobody', async () => {
  const ids = ['int_1', 'int_2', 'int_3'];
  for (const id of ids) await insertIntegration(db.pool, { id });
  await addStoredBytes(db.pool, [['int_1', 1]], report);
  const deletion = await db.pool.connect();
  try {
    await deletion.query('BEGIN');
    await deleteIntegrationRows(deletion, ['int_1', 'int_2']);
    await addStoredBytes(
      db.pool,
      ids.map((id) => [id, 10]),
      report,
    );
    await deletion.query('COMMIT');
  } finally {
    deletion.release();
  }
  expect(await Promise.all(ids.map(bytesOf))).toEqual([undefined, undefined, 10]);
});

test('a delivery by itself, without a count of its integration, is deleted like any other', async () => {
  await insertDelivery(db.pool, {
    ...{ integration_id: 'int_none', state: 'handled', ended_at: sql(past) },
  });
  await retentionPass(db.pool);
  const { rows } = await db.pool.query('SELECT FROM deliveries');
  expect(rows).toEqual([]);
});

const waitsForLock = () =>
  eventually(async () => {
    const { rowCount } = await db.pool.query(
      `SELECT FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    expect(rowCount).toBeGreaterThan(0);
  });
