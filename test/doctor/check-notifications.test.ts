import { parseConfig } from '../../src/config';
import { checkNotices } from '../../src/doctor/check-notifications';
import { testDatabase, type TestDatabase } from '../support/servers/database';
import { insertNotice, sql } from '../support/scenes/rows';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const secret = `whsec_${'A'.repeat(32)}`;
const codes =
  'ok Notices: reconnectUrl of integration.error and credential.expiring has a code for one reconnect (HOLDFAST_SIGN_IN_URL is not set)';
const to = 'Notices to https://app.example';

async function findings(env: Record<string, string> = {}) {
  const found = await checkNotices(
    parseConfig({
      DATABASE_URL: db.url,
      HOLDFAST_NOTIFY_URL: 'https://app.example/hooks/a-secret-path',
      HOLDFAST_NOTIFY_SECRET: secret,
      ...env,
    }),
  );
  return found.map(({ well, text }) => `${well ? 'ok' : 'wrong'} ${text}`);
}

test('it says where notices go, without the path, and which were not taken', async () => {
  expect(await findings({ HOLDFAST_NOTIFY_URL: '', HOLDFAST_NOTIFY_SECRET: '' })).toEqual([
    'ok Notices: HOLDFAST_NOTIFY_URL is not set; nobody is told',
  ]);
  expect(await findings()).toEqual([`ok ${to}: all were taken`, codes]);
  const longAgo = sql("now() - interval '90 minutes'");
  const first = { stream: 'a', attempts: 3, error: 'the receiver answered 503' };
  await insertNotice(db.pool, { ...first, created_at: longAgo });
  await insertNotice(db.pool, { stream: 'b', attempts: 1, error: 'the receiver answered 500' });
  await insertNotice(db.pool, { stream: 'c' });
  await insertNotice(db.pool, { stream: 'd', attempts: 9, error: 'x', outcome: 'given_up' });
  await insertNotice(db.pool, { stream: 'd', attempts: 1, outcome: 'delivered' });
  expect(await findings()).toEqual([
    `wrong ${to}: 2 were not taken yet, the oldest for 90 min (the receiver answered 503)`,
    `wrong ${to}: 1 were given up within a day; the log says which`,
    codes,
  ]);
  expect(await findings({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })).toEqual([
    `ok ${to}`,
    codes,
  ]);
  const signIn = { HOLDFAST_SIGN_IN_URL: 'https://app.example/sign-in?from=holdfast' };
  expect(await findings(signIn)).toContain(
    'ok Notices: reconnectUrl needs a sign-in, at https://app.example (HOLDFAST_SIGN_IN_URL)',
  );
});
