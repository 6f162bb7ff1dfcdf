import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { comingBack } from '../journey';
import { signalsOf } from '../signals';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterAll(() => fixture.close());

const rows = async (sql: string) => (await fixture.pool.query<Record<string, unknown>>(sql)).rows;
const faults = () => rows('SELECT provider, code FROM app_faults WHERE taken_at IS NULL');
const notices = () => rows('SELECT stream, type, integration_id FROM notices');
const said = (text: string) => fixture.logged.filter((line) => line.includes(text)).length;

async function refused(userId: string) {
  const { browser, callback } = await comingBack(fixture, userId);
  fixture.server.nextExchange = 'invalid_client';
  expect((await browser.open(callback)).status).toBe(502);
}

async function taken(userId: string) {
  const { browser, callback } = await comingBack(fixture, userId);
  expect((await browser.open(callback)).status).toBe(200);
}

test('S29 a code exchange that is refused for the secret alerts the operator, once until the provider takes it for an hour', async () => {
  const notice = { stream: 'app:acme', type: 'app.fault', integration_id: null };
  await refused('ada');
  await refused('bo');
  expect(await faults()).toEqual([{ provider: 'acme', code: 'invalid_client' }]);
  expect(await notices()).toEqual([notice]);
  expect(said('application_fault.began')).toBe(1);
  await expect(signalsOf(fixture, 'notification:app:acme')).resolves.toEqual([
    { name: 'noticeWaiting', input: undefined },
  ]);

  await taken('cy');
  expect(await faults()).toEqual([]);
  // Some of it is refused and some of it taken: still the same trouble, and the log isn't filled with it either.
  for (let round = 0; round < 3; round += 1) {
    await refused(`dee-${round}`);
    expect(await faults()).toHaveLength(1);
    await taken(`eve-${round}`);
  }
  expect(await notices()).toEqual([notice]);
  expect(said('application_fault.continues')).toBe(1);
  expect(said('application_fault.ended')).toBe(1);

  await fixture.pool.query("UPDATE app_faults SET taken_at = taken_at - interval '1 hour'");
  await refused('flo');
  await refused('gus');
  expect(await notices()).toEqual([notice, notice]);
  expect(said('application_fault.began')).toBe(2);
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
