import { dropEnded } from '../../../src/db/queries/deliveries/drop-ended';
import { countStoredBytes } from '../../../src/db/queries/deliveries/stored-bytes';
import { insertDeliveries, insertIntegration, sql } from '../../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../../support/servers/database';

let db: TestDatabase;
let id: string;
beforeAll(async () => {
  db = await testDatabase();
});
beforeEach(async () => {
  id = await insertIntegration(db.pool);
});
afterAll(() => db.drop());

/** 100 bytes each, of one moment. */
const keep = (count: number, state: string, minutesAgo = 0) =>
  insertDeliveries(db.pool, count, {
    ...{
      integration_id: id,
      state: state as 'handled',
      headers: '[]',
      body: Buffer.alloc(98, 'x'),
    },
    received_at: sql(`now() - ${minutesAgo} * interval '1 minute'`),
  });

const left = async () => {
  const { rows } = await db.pool.query<{ ids: string[]; counted: number; bytes: number }>(
    `SELECT array_agg(d.id) FILTER (WHERE d.headers <> '' AND d.body <> '') AS ids, s.bytes AS counted,
            sum(octet_length(d.headers) + octet_length(d.body))::bigint AS bytes
     FROM deliveries d JOIN stored_bytes s ON s.integration_id = d.integration_id
     WHERE d.integration_id = $1 GROUP BY s.bytes`,
    [id],
  );
  const { ids, counted, bytes } = rows[0] ?? { ids: [], counted: 0, bytes: 0 };
  expect(counted).toBe(bytes);
  return new Set(ids);
};

test('what was received first goes first, whatever its state, and no more than has to', async () => {
  const kept = [
    ...(await keep(3, 'failed', 90)),
    ...(await keep(2, 'pending', 80)),
    ...(await keep(2, 'discarded', 10)),
    ...(await keep(1, 'handled', 1)),
  ];
  await keep(2, 'handled', 70);
  await keep(1, 'discarded', 60);
  const [fourth] = await keep(1, 'handled', 50);
  await countStoredBytes(db.pool, id);
  // 12 of them: 3 have to go, and a half one.
  const options = { target: 850, limit: 100 };
  expect(await dropEnded(db.pool, id, options)).toMatchObject({ dropped: 4, more: false });
  expect(fourth).toBeDefined();
  expect(await left()).toEqual(new Set(kept));
  expect(await dropEnded(db.pool, id, options)).toMatchObject({ dropped: 0, more: false });
});

test('in batches: those of one moment too, until there is nothing more to drop', async () => {
  await keep(25, 'handled');
  const waiting = await keep(1, 'pending');
  await countStoredBytes(db.pool, id);
  const drop = () => dropEnded(db.pool, id, { target: 0, limit: 10 });
  expect([await drop(), await drop(), await drop()]).toMatchObject([
    { dropped: 10, more: true },
    { dropped: 10, more: true },
    { dropped: 5, more: false },
  ]);
  expect(await left()).toEqual(new Set(waiting));
});

test('what ended late is found after the next count, and so is what somebody held', async () => {
  const late = await keep(1, 'pending', 60);
  await keep(1, 'handled', 30);
  await countStoredBytes(db.pool, id);
  const drop = () => dropEnded(db.pool, id, { target: 0, limit: 10 });
  expect(await drop()).toMatchObject({ dropped: 1, more: false });
  await db.pool.query(
    "UPDATE deliveries SET state = 'handled', ended_at = now() WHERE id = $1",
    late,
  );
  expect(await drop()).toMatchObject({ dropped: 0, more: false });
  await countStoredBytes(db.pool, id);
  const holder = await db.pool.connect();
  try {
    await holder.query('BEGIN');
    await holder.query('SELECT FROM deliveries WHERE id = $1 FOR UPDATE', late);
    expect(await drop()).toMatchObject({ dropped: 0, more: false });
    await holder.query('COMMIT');
  } finally {
    holder.release();
  }
  await countStoredBytes(db.pool, id);
  expect(await drop()).toMatchObject({ dropped: 1, more: false });
});

test('gateways that drop at the same time take turns, and nothing is subtracted twice', async () => {
  await keep(40, 'handled');
  await keep(10, 'failed');
  await countStoredBytes(db.pool, id);
  const drop = () => dropEnded(db.pool, id, { target: 1_000, limit: 10 });
  const all = await Promise.all([drop(), drop(), drop(), drop(), drop()]);
  const dropped = all.reduce((sum, each) => sum + each.dropped, 0);
  expect((await left()).size).toBe(50 - dropped);
  expect(dropped).toBeGreaterThanOrEqual(10);
  expect(dropped).toBeLessThanOrEqual(40);
});

test('nothing goes while processes of the version before may store repeats', async () => {
  await keep(2, 'discarded');
  await countStoredBytes(db.pool, id);
  await db.pool.query("UPDATE installation SET older_until = now() + interval '1 minute'");
  const all = { target: 0, limit: 10 };
  expect(await dropEnded(db.pool, id, all)).toMatchObject({ dropped: 0, more: false });
  await db.pool.query('UPDATE installation SET older_until = now()');
  expect(await dropEnded(db.pool, id, all)).toMatchObject({ dropped: 2 });
});
