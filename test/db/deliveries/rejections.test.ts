import {
  addRejections,
  listRejections,
  type NewRejections,
} from '../../../src/db/queries/deliveries/rejections';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { insertIntegrations, sql } from '../../support/scenes/rows';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
  await insertIntegrations(db.pool, 11, { id: sql("'int_' || n") });
});
afterAll(() => db.drop());

function rejection(integrationId: string | null, fields: Partial<NewRejections> = {}) {
  const { sourceAddress = '192.0.2.1' } = fields;
  return {
    ...{ integrationId, provider: null, account: null, reason: 'wrong_signature' },
    ...{ sourceAddress, sourceKey: sourceAddress },
    ...{ count: 1, firstAgoMs: 0, lastAgoMs: 0, sizeBytes: 1 },
    ...fields,
  };
}

const list = (of: { integrationId: string } | { provider: string }, limit = 10_000) =>
  listRejections(db.pool, of, { limit, after: null });

const sum = (rows: readonly { count: number }[]) =>
  rows.reduce((total, { count }) => total + count, 0);

test('those of one reason from one source are one row, with how many they were, the first and the last', async () => {
  await addRejections(db.pool, [
    rejection('int_1', { count: 3, firstAgoMs: 60_000, lastAgoMs: 50_000, sizeBytes: 3 }),
    rejection('int_1', { reason: 'stale_timestamp' }),
    rejection('int_gone'),
  ]);
  await addRejections(db.pool, [
    rejection('int_1', { count: 4, firstAgoMs: 9_000, lastAgoMs: 5_000, sizeBytes: 4 }),
    rejection('int_1', { sourceAddress: '192.0.2.2' }),
  ]);
  const rows = await list({ integrationId: 'int_1' });
  expect(rows).toMatchObject([
    { sourceAddress: '192.0.2.2', count: 1 },
    { reason: 'stale_timestamp', count: 1 },
    { sourceAddress: '192.0.2.1', reason: 'wrong_signature', count: 7, sizeBytes: 4 },
  ]);
  const [, , both] = rows;
  const lasted = Number(both?.at) - Number(both?.firstAt);
  expect(Math.abs(lasted - 55_000)).toBeLessThan(4_000);
});

test('S20 noise from however many sources wipes no evidence, and every one is counted', async () => {
  await addRejections(db.pool, [rejection('int_2', { sourceAddress: '198.51.100.1', count: 2 })]);
  await addRejections(db.pool, [rejection('int_2', { reason: 'stale_timestamp' })]);
  for (let round = 0; round < 5; round++) {
    await addRejections(
      db.pool,
      Array.from({ length: 300 }, (_, n) =>
        rejection('int_2', { sourceAddress: `192.0.2.${round * 300 + n}`, count: 2 }),
      ),
    );
  }
  const rows = await list({ integrationId: 'int_2' });
  expect(rows.length).toBeLessThanOrEqual(52);
  expect(sum(rows)).toBe(3 + 5 * 300 * 2);
  expect(rows).toContainEqual(expect.objectContaining({ sourceAddress: '198.51.100.1', count: 2 }));
  expect(rows).toContainEqual(expect.objectContaining({ reason: 'stale_timestamp', count: 1 }));
  const rest = rows.filter(({ sourceAddress }) => sourceAddress === null);
  expect(rest).toMatchObject([{ reason: 'wrong_signature' }]);
  // One that has its own row goes on to be counted there.
  await addRejections(db.pool, [rejection('int_2', { sourceAddress: '198.51.100.1', count: 5 })]);
  expect((await list({ integrationId: 'int_2' }))[0]).toMatchObject({ count: 7 });
});

test('at a provider’s address each account has its rows, and unknown ones push out no other reason', async () => {
  const of = (fields: Partial<NewRejections>) => rejection(null, { provider: 'crm', ...fields });
  await addRejections(db.pool, [of({})]);
  for (let round = 0; round < 3; round++) {
    await addRejections(
      db.pool,
      Array.from({ length: 400 }, (_, n) =>
        of({ reason: 'unknown_account', account: `account ${n + round * 200}` }),
      ),
    );
  }
  const rows = await list({ provider: 'crm' });
  expect(rows.length).toBeLessThanOrEqual(502);
  expect(sum(rows)).toBe(1 + 1200);
  expect(rows).toContainEqual(expect.objectContaining({ account: 'account 399', count: 2 }));
  expect(rows).toContainEqual(expect.objectContaining({ reason: 'wrong_signature' }));
});

test('gateways that add the same at the same time wait in no circle, and all is counted', async () => {
  const batch = Array.from({ length: 40 }, (_, n) =>
    rejection(`int_${3 + (n % 3)}`, { sourceAddress: `192.0.2.${n}` }),
  );
  const batches = Array.from({ length: 8 }, (_, n) => (n % 2 === 0 ? batch : [...batch].reverse()));
  await Promise.all(batches.map((one) => addRejections(db.pool, one)));
  const rows = await Promise.all([3, 4, 5].map((n) => list({ integrationId: `int_${n}` })));
  expect(rows.map(({ length }) => length)).toEqual([14, 13, 13]);
  expect(sum(rows.flat())).toBe(8 * 40);
});

test('rows of an older process stand beside, each for itself', async () => {
  const old = `INSERT INTO rejections (integration_id, provider, account, reason, source_address, size_bytes)
               VALUES ('int_6', NULL, NULL, 'wrong_signature', '192.0.2.1', 5)`;
  await db.pool.query(old);
  await addRejections(db.pool, [rejection('int_6')]);
  await db.pool.query(old);
  const rows = await list({ integrationId: 'int_6' });
  expect(rows).toHaveLength(3);
  for (const { count, firstAt, at } of rows) {
    expect(count).toBe(1);
    expect(Number(at) - Number(firstAt)).toBeLessThan(5);
  }
});

test('page by page nothing is read twice, also where rows move meanwhile', async () => {
  for (let n = 0; n < 9; n++) {
    await addRejections(db.pool, [rejection('int_7', { sourceAddress: `192.0.2.${n}` })]);
  }
  const seen: (string | null)[] = [];
  let after: { atMicros: string; id: string } | null = null;
  for (let page = 0; page < 3; page++) {
    const rows = await listRejections(db.pool, { integrationId: 'int_7' }, { limit: 3, after });
    seen.push(...rows.slice(0, 3).map(({ sourceAddress }) => sourceAddress));
    after = rows[2] ?? null;
    await addRejections(db.pool, [
      rejection('int_7', { sourceAddress: '192.0.2.8' }),
      rejection('int_7', { sourceAddress: '192.0.2.0' }),
    ]);
  }
  expect(seen).toEqual([8, 7, 6, 5, 4, 3, 2, 1].map((n) => `192.0.2.${n}`));
});

test('S20 evidence has a row also where noise came before it', async () => {
  const noise = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) =>
      rejection('int_8', { sourceAddress: `192.0.2.${from + n}`, lastAgoMs: 60_000 - n }),
    );
  await addRejections(db.pool, noise(0, 70));
  await addRejections(db.pool, [rejection('int_8', { sourceAddress: '198.51.100.1', count: 2 })]);
  for (let n = 0; n < 20; n++) await addRejections(db.pool, noise(100 + n, 1));
  const rows = await list({ integrationId: 'int_8' });
  expect(rows).toContainEqual(expect.objectContaining({ sourceAddress: '198.51.100.1', count: 2 }));
  expect(rows).toHaveLength(51);
  expect(sum(rows)).toBe(92);
});
