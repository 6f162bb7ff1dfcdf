import type { SweepMark } from '../../../workflows/contract/messages';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { insertDelivery, insertIntegration } from '../../support/scenes/rows';
import { recordedSweep } from './sweeping';

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
  await db.pool.query("UPDATE sweep_state SET sweeps = 7, last_at = now() - interval '1 minute'");
});
afterEach(() => db.drop());

const seen: SweepMark = { sweeps: 7, at: new Date().toISOString() };
const goBack = () => db.pool.query('UPDATE sweep_state SET sweeps = 3');
const sweeps = async () =>
  (await db.pool.query<{ sweeps: number }>('SELECT sweeps FROM sweep_state')).rows[0]?.sweeps;

test('a sweep during which Postgres goes back in time counts nothing, and the next one sees it', async () => {
  await insertIntegration(db.pool, { id: 'int_a' });
  await insertDelivery(db.pool, { integration_id: 'int_a' });
  const { sweepInbox, lines } = recordedSweep(db.pool, async () => {
    await goBack();
  });
  expect(await sweepInbox({ all: false, cursor: null, seen })).toEqual({
    ...{ cursor: null, mark: seen },
  });
  expect(await sweeps()).toBe(3);
  expect(lines.join()).not.toContain('postgres.went_back');
  await sweepInbox({ all: false, cursor: null, seen });
  expect(lines.join()).toContain('postgres.went_back');
});

test('where Postgres has gone back everybody is woken by a sweep of its own, and this one goes on', async () => {
  await goBack();
  await insertIntegration(db.pool, { id: 'int_a' });
  await insertDelivery(db.pool, { integration_id: 'int_a' });
  let woken = 0;
  let isAway = true;
  const restoreAll = () => {
    if (isAway) return Promise.reject(new Error('Temporal is away'));
    woken++;
    return Promise.resolve();
  };
  const { sweepInbox, rung, lines } = recordedSweep(db.pool, undefined, { runs: { restoreAll } });
  await expect(sweepInbox({ all: false, cursor: null, seen })).rejects.toThrow('is away');
  expect([await sweeps(), rung]).toEqual([3, []]);
  isAway = false;
  const end = await sweepInbox({ all: false, cursor: null, seen });
  expect(end).toMatchObject({ cursor: null, mark: { sweeps: 8 } });
  expect(rung).toEqual(['lookAtIntegration int_a']);
  // Once for each time: the next sweep is one like any other.
  await sweepInbox({ all: false, cursor: null, seen: end.mark ?? null });
  expect(woken).toBe(1);
  expect(lines.filter((line) => line.includes('postgres.went_back'))).toHaveLength(2);
});
