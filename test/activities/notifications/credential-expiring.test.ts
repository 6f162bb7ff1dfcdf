import { createLog } from '../../../src/lib/log';
import { createNoticeDegraded } from '../../../activities/notifications/credential-notifications';
import { readCredential } from '../../../src/db/queries/credentials/row';
import { insertCredential, insertIntegration, linkCredential } from '../../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../../support/servers/database';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  await db.pool.query('TRUNCATE credentials, integrations, notices CASCADE');
  await insertIntegration(db.pool, { id: 'int_1' });
  await insertCredential(db.pool, { id: 'crd_1', refresh_token: Buffer.from('sealed') });
  await linkCredential(db.pool, { integration_id: 'int_1', credential_id: 'crd_1' });
});

const update = (set: string) => db.pool.query(`UPDATE credentials SET ${set}`);

/** Whether the row says that it is time, and what is told then; the actor's clock looks for nothing else. */
async function look(): Promise<{ isTime: boolean; told: number }> {
  const row = await readCredential(db.pool, 'crd_1');
  const notice = createNoticeDegraded({
    ...{ pool: db.pool, publicUrl: 'https://holdfast.test', notifyUrl: 'https://app.test' },
    actors: { noticeWaiting: () => Promise.resolve() },
    log: createLog('silent'),
  });
  const isTime = row?.noticeAt != null && Date.parse(row.noticeAt) <= Date.now();
  const after = await notice({ credentialId: 'crd_1' });
  // Else its actor would come back every second.
  expect(Date.parse(after?.noticeAt ?? '9999-01-01')).toBeGreaterThan(Date.now());
  const { rowCount } = await db.pool.query(
    "SELECT FROM notices WHERE type = 'credential.expiring'",
  );
  return { isTime, told: rowCount ?? 0 };
}

const inDays = (days: number) => `now() + interval '${days} days'`;
const fixed = (days: number) => `refresh_expires_at = ${inDays(days)}, refresh_end_is_fixed = true`;
const bare = (days: number, lifetime: number) =>
  `refresh_token = NULL, expires_at = ${inDays(days)}, obtained_at = ${inDays(days - lifetime)}`;

test.each<[string, string, boolean]>([
  ['within a week', fixed(6.9), true],
  ['later', fixed(7.1), false],
  ['earlier', fixed(-0.1), false],
  ['unless it is refreshed', `refresh_expires_at = ${inDays(6.9)}`, false],
  ['and is dead', `${fixed(6.9)}, state = 'dead', code = 'revoked'`, false],
  ['with its only token', bare(6.9, 60), true],
  ['with its only token, which a refresh brings anew', `expires_at = ${inDays(6.9)}`, false],
  ['with its only token, which was short from the beginning', bare(0.1, 6.9), false],
  ['with its only token, before a consent that lasts', `${bare(6.9, 60)}, ${fixed(90)}`, true],
])('S30 whether a credential is told of that ends %s', async (_when, set, told) => {
  await update(set);
  expect(await look()).toEqual({ isTime: told, told: told ? 1 : 0 });
});

test('S30 each end is told once; one that moves by what an answer takes is the same', async () => {
  await update(fixed(5));
  expect(await look()).toEqual({ isTime: true, told: 1 });
  await update(fixed(5.01));
  expect(await look()).toEqual({ isTime: false, told: 1 });
  await update(fixed(3));
  expect(await look()).toEqual({ isTime: false, told: 1 });
  await update(fixed(6.5));
  expect(await look()).toEqual({ isTime: true, told: 2 });
});
