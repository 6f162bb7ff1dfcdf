import { type IdentityFixture, identityFixture } from './identity-fixture';
import { comingBack } from './journey';
import { signalsOf } from './signals';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterAll(() => fixture.close());

const rows = async (sql: string) => (await fixture.pool.query<Record<string, unknown>>(sql)).rows;
const faults = () => rows('SELECT provider, code FROM app_faults');
const notices = () => rows('SELECT stream, type, integration_id FROM notices');

async function refused(userId: string) {
  const { browser, callback } = await comingBack(fixture, userId);
  fixture.server.nextExchange = 'invalid_client';
  expect((await browser.open(callback)).status).toBe(502);
}

test('S29 a code exchange that is refused for the secret alerts the operator, once until one succeeds', async () => {
  const notice = { stream: 'app:acme', type: 'app.fault', integration_id: null };
  await refused('ada');
  await refused('bo');
  expect(await faults()).toEqual([{ provider: 'acme', code: 'invalid_client' }]);
  expect(await notices()).toEqual([notice]);
  expect(fixture.logged.filter((line) => line.includes('refuses this application'))).toHaveLength(
    1,
  );
  await expect(signalsOf(fixture, 'notification:app:acme')).resolves.toEqual([
    { name: 'noticeWaiting', input: undefined },
  ]);

  const { browser, callback } = await comingBack(fixture, 'cy');
  expect((await browser.open(callback)).status).toBe(200);
  expect(await faults()).toEqual([]);

  await refused('dee');
  expect(await notices()).toEqual([notice, notice]);
  await fixture.pool.query('DELETE FROM app_faults');
});

test.each(['invalid_client', 'unauthorized_client', 'invalid_scope'])(
  'what only a browser says (%s) alerts nobody: anyone could have made it up',
  async (error) => {
    const before = await notices();
    const { browser, callback } = await comingBack(fixture, `eve-${error}`);
    callback.searchParams.delete('code');
    callback.searchParams.set('error', error);
    expect((await browser.open(callback)).status).toBe(502);
    expect(await faults()).toEqual([]);
    expect(await notices()).toEqual(before);
  },
);
