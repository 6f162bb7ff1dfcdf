import { takeDegradedNotification } from '../../../src/db/queries/notifications/degraded';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { insertCredential, sql } from '../../support/scenes/rows';
import { recordedSweep } from './sweeping';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());
afterEach(() => db.pool.query('TRUNCATE app_faults, credentials CASCADE'));

const fault = (provider: string, takenAgo: string | null) =>
  db.pool.query(
    `INSERT INTO app_faults (provider, code, since, taken_at)
     VALUES ($1, 'invalid_client', now() - interval '3 hours', now() - $2::interval)`,
    [provider, takenAgo],
  );

const degraded = (code: string) =>
  insertCredential(db.pool, {
    state: 'degraded',
    code,
    degraded_since: sql("now() - interval '20 minutes'"),
  });

test('S29 a sweep says in the log which faults of the application have ended, an hour after the provider took it', async () => {
  await fault('acme', '61 minutes');
  await fault('other', '59 minutes');
  await fault('third', null);
  const { sweepInbox, lines } = recordedSweep(db.pool);
  await sweepInbox({ all: false, cursor: null });
  const over = lines.filter((line) => line.includes('application_fault.ended'));
  expect(over.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { provider: 'acme', code: 'invalid_client' },
  ]);
  const { rows } = await db.pool.query('SELECT provider FROM app_faults ORDER BY 1');
  expect(rows).toEqual([{ provider: 'other' }, { provider: 'third' }]);
});

test('S29 once the provider takes the application, nobody is told of what had waited for that; of other trouble they are', async () => {
  const [waited, other] = [await degraded('invalid_client'), await degraded('http_503')];
  const told = async (id: string) => (await takeDegradedNotification(db.pool, id)) !== null;
  await fault('acme', null);
  expect([await told(waited), await told(other)]).toEqual([false, false]);
  await db.pool.query('UPDATE app_faults SET taken_at = now()');
  expect([await told(waited), await told(other)]).toEqual([false, true]);
  await db.pool.query('DELETE FROM app_faults');
  expect(await told(waited)).toBe(true);
});
