import { createStoredBytes } from '../../../src/gateway/operations/stored-bytes';
import { createLog } from '../../../src/lib/log';
import { eventually } from '../../support/eventually';
import { insertIntegration } from '../../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../../support/servers/database';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const keepLimitBytes = 64 * 1024 * 1024;
const lines: string[] = [];
const counter = () =>
  createStoredBytes({
    pool: db.pool,
    config: { keepLimitBytes },
    log: createLog('info', { write: (line) => void lines.push(line) }),
  });

const unreported = (waiting: number) => ({ waiting, underWay: 0 });

const totalOf = async (id: string) => {
  const { rows } = await db.pool.query<{ bytes: number }>(
    'SELECT bytes FROM stored_bytes WHERE integration_id = $1',
    [id],
  );
  return rows[0]?.bytes;
};

test('what gateways store is added up, and reported at their stop: they add to one total', async () => {
  const id = await insertIntegration(db.pool);
  const [one, two] = [counter(), counter()];
  for (const [gateway, bytes] of [
    [one, 5],
    [two, 20],
    [one, 7],
  ] as const)
    gateway.add(id, bytes);
  expect([one.unreported(id), await totalOf(id)]).toEqual([unreported(12), undefined]);
  await Promise.all([one.stop(), two.stop()]);
  expect([one.unreported(id), await totalOf(id)]).toEqual([unreported(0), 32]);
});

test('it is reported within a second or so, and much of it at once', async () => {
  const [little, much] = [await insertIntegration(db.pool), await insertIntegration(db.pool)];
  const gateway = counter();
  gateway.add(little, 1);
  await eventually(async () => expect(await totalOf(little)).toBe(1), { timeoutMs: 5_000 });
  gateway.add(much, keepLimitBytes / 64);
  const startedAt = performance.now();
  // Settles with the report under way.
  await gateway.report();
  expect(performance.now() - startedAt).toBeLessThan(900);
  expect(await totalOf(much)).toBe(keepLimitBytes / 64);
});

test('what could not be reported stays, is told of once, and is reported later', async () => {
  const id = await insertIntegration(db.pool);
  const gateway = counter();
  await db.pool.query('ALTER TABLE stored_bytes RENAME TO away');
  gateway.add(id, 3);
  await gateway.report();
  gateway.add(id, 4);
  await gateway.report();
  expect(gateway.unreported(id)).toEqual(unreported(7));
  expect(lines.filter((line) => line.includes('could not be reported'))).toHaveLength(1);
  await db.pool.query('ALTER TABLE away RENAME TO stored_bytes');
  await gateway.stop();
  expect([gateway.unreported(id), await totalOf(id)]).toEqual([unreported(0), 7]);
});
