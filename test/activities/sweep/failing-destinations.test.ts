import { duePage } from '../../../src/db/queries/sweep/due';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { insertDelivery, insertHold, insertIntegration } from '../../support/scenes/rows';
import { recordedSweep } from './sweeping';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());
afterEach(() => db.pool.query('DELETE FROM integrations; DELETE FROM holds'));

const app = 'https://app.example';
/** @param more SQL that sets more @param since so long ago */
async function fails(
  id: string,
  since: string,
  { origin = app, next = '5 minutes', status = 'ENABLED' } = {},
) {
  await insertIntegration(db.pool, {
    id,
    user_id: `user of ${id}`,
    name: id,
    status: status as 'ENABLED',
  });
  await db.pool.query(
    `INSERT INTO failing_destinations (integration_id, origin, since, last_failed_at, error, next_attempt_at)
     VALUES ($1, $2, now() - $3::interval, now() - $3::interval, 'The destination answered 500', now() + $4::interval)`,
    [id, origin, since, next === '' ? null : next],
  );
}
const sweeps = (notifyUrl = 'https://app.example/notices') => {
  const sweep = recordedSweep(db.pool, undefined, { notifyUrl });
  return { ...sweep, run: () => sweep.sweepInbox({ all: false, cursor: null }) };
};
const notices = async () =>
  (
    await db.pool.query<{ stream: string; payload: string }>(
      'SELECT stream, payload FROM notices ORDER BY sequence',
    )
  ).rows.map(({ stream, payload }) => ({ stream, ...(JSON.parse(payload) as { type: string }) }));
const origins = async () =>
  (await db.pool.query<{ origin: string }>('SELECT origin FROM failing_origins')).rows.map(
    (row) => row.origin,
  );

test('delivery.failing: once for an origin that has failed for 15 minutes, whoever looks, until nothing fails there', async () => {
  await fails('int_late', '14 minutes');
  const first = sweeps();
  await first.run();
  expect(await notices()).toEqual([]);
  await fails('int_first', '16 minutes');
  await fails('int_other', '20 minutes', { origin: 'handler:sync' });
  const second = sweeps();
  // Two workers at once.
  await Promise.all([first.run(), second.run()]);
  expect(await notices()).toMatchObject([
    { stream: 'int_other', type: 'delivery.failing' },
    {
      ...{ stream: 'int_first', type: 'delivery.failing' },
      data: {
        ...{ integrationId: 'int_first', userId: 'user of int_first', name: 'int_first' },
        ...{ provider: 'acme', metadata: null, status: 'ENABLED', reason: null, transition: 0 },
        reconnectUrl: expect.any(String) as string,
        destination: {
          ...{ origin: app, error: 'The destination answered 500', integrations: 2 },
          since: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        },
      },
    },
  ]);
  expect([...first.rung, ...second.rung].sort()).toEqual([
    'noticeWaiting int_first',
    'noticeWaiting int_other',
  ]);
  // Whoever died before the signal has lost nothing.
  await db.pool.query("UPDATE notices SET next_attempt_at = now() - interval '10 seconds'");
  const due = await duePage(db.pool, 'notices', { all: false, after: '', limit: 10 });
  expect(due.due.map(({ id }) => id)).toEqual(['int_first', 'int_other']);

  // It answers one of them: the other still fails there, and is told of already.
  await db.pool.query("DELETE FROM failing_destinations WHERE integration_id = 'int_first'");
  await db.pool.query("UPDATE failing_destinations SET since = since - interval '1 hour'");
  await second.run();
  expect(await notices()).toHaveLength(2);
  expect(await origins()).toContain(app);
  await db.pool.query(`DELETE FROM failing_destinations WHERE origin = '${app}'`);
  expect(await origins()).toEqual(['handler:sync']);
  await fails('int_again', '16 minutes');
  await second.run();
  expect((await notices()).slice(2)).toMatchObject([{ stream: 'int_again' }]);
});

test('a failure that nothing came after, what is switched off or held, and nobody to tell: no notification', async () => {
  await fails('int_single', '16 minutes', { next: '' });
  await fails('int_off', '16 minutes', { status: 'DISABLED' });
  await fails('int_held', '16 minutes');
  await insertHold(db.pool, { user_id: 'user of int_held', reason: 'on holiday' });
  await sweeps().run();
  await db.pool.query('DELETE FROM holds');
  const { sweepInbox } = recordedSweep(db.pool);
  await sweepInbox({ all: false, cursor: null });
  expect(await notices()).toEqual([]);
  await sweeps().run();
  expect(await notices()).toMatchObject([{ stream: 'int_held' }]);
});

test('a notification that went with its integration is sent for another one, unless it had been taken', async () => {
  await fails('int_first', '20 minutes');
  await fails('int_second', '18 minutes');
  await fails('int_third', '16 minutes');
  await sweeps().run();
  expect(await notices()).toMatchObject([{ stream: 'int_first' }]);
  await db.pool.query("DELETE FROM integrations WHERE id = 'int_first'");
  await sweeps().run();
  expect(await notices()).toMatchObject([
    { stream: 'int_second', data: { destination: { integrations: 2 } } },
  ]);
  await db.pool.query("UPDATE notices SET ended_at = now(), outcome = 'delivered'");
  await db.pool.query("DELETE FROM integrations WHERE id = 'int_second'");
  await sweeps().run();
  expect(await notices()).toEqual([]);
  expect(await origins()).toEqual([app]);
});

test('an origin whose last failures ended in the same moment is ended by the sweep', async () => {
  await fails('int_1', '16 minutes');
  await sweeps().run();
  await db.pool.query(
    'BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM failing_destinations; COMMIT',
  );
  expect(await origins()).toEqual([app]);
  await sweeps().run();
  expect(await origins()).toEqual([]);
});

test('an hour after the last attempt that was to be made nobody knows any more, and the actor looks again', async () => {
  await fails('int_emptied', '61 minutes', { next: '' });
  await fails('int_expired', '3 hours', { next: '-61 minutes' });
  await fails('int_waits', '3 hours', { next: '20 minutes' });
  await fails('int_lately', '59 minutes', { next: '' });
  // The workers were away, or it was held: what waits is the same incident.
  await fails('int_queued', '3 hours', { next: '-61 minutes' });
  await insertDelivery(db.pool, { integration_id: 'int_queued', state: 'pending' });
  await fails('int_off', '3 hours', { next: '-61 minutes', status: 'DISABLED' });
  await insertDelivery(db.pool, { integration_id: 'int_off', state: 'pending' });
  const { rung, run } = sweeps();
  await run();
  // Its inbox is due.
  const dropped = rung.filter((line) => line.startsWith('look') && !line.endsWith('queued'));
  expect(dropped.sort()).toEqual([
    'lookAtIntegration int_emptied',
    'lookAtIntegration int_expired',
    'lookAtIntegration int_off',
  ]);
  const { rows } = await db.pool.query<{ id: string }>(
    'SELECT integration_id AS id FROM failing_destinations ORDER BY 1',
  );
  expect(rows.map(({ id }) => id)).toEqual(['int_lately', 'int_queued', 'int_waits']);
});
