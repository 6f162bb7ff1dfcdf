import { putOperatorHold, removeOperatorHold } from '../../../src/db/queries/holds';
import { application, ask, type Pause, session } from '../as-person';
import { type IdentityFixture, identityFixture } from '../identity-fixture';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterEach(() => fixture.pool.query('DELETE FROM holds'));
afterAll(() => fixture.close());

const none: Pause = { paused: false, reason: null, pausedAt: null, by: null };

test('a person pauses, is told so, gives another reason and goes on', async () => {
  const ada = await session(fixture, 'ada');
  expect((await ask(fixture, 'GET', 'ada', ada)).body).toEqual(none);
  const paused = await ask(fixture, 'PUT', 'ada', ada);
  expect(paused).toMatchObject({
    status: 200,
    body: {
      paused: true,
      reason: 'on holiday',
      by: 'user',
      pausedAt: expect.any(String) as string,
    },
  });
  expect(Math.abs(Date.parse(paused.body.pausedAt ?? '') - Date.now())).toBeLessThan(60_000);
  expect(paused.headers.get('cache-control')).toBe('no-store');
  expect((await ask(fixture, 'GET', 'ada', ada)).body).toEqual(paused.body);
  const renamed = await ask(fixture, 'PUT', 'ada', ada, { paused: true, reason: 'moving house' });
  expect(renamed.body).toEqual({ ...paused.body, reason: 'moving house' });
  for (const silent of [{ paused: true }, { paused: true, reason: null }]) {
    expect((await ask(fixture, 'PUT', 'ada', ada, silent)).body).toEqual({
      ...paused.body,
      reason: null,
    });
  }
  // Nobody else is.
  expect((await ask(fixture, 'GET', 'bob', application)).body).toEqual(none);
  for (let round = 0; round < 2; round++) {
    expect(await ask(fixture, 'PUT', 'ada', ada, { paused: false })).toMatchObject({
      status: 200,
      body: none,
    });
  }
});

test("S49 with both, the operator's reason shows, and only the operator lifts it", async () => {
  const ada = await session(fixture, 'ada');
  await ask(fixture, 'PUT', 'ada', ada);
  await fixture.api('PUT', '/v1/hold', { reason: 'maintenance' });
  const operators = { paused: true, reason: 'maintenance', by: 'operator' };
  expect((await ask(fixture, 'GET', 'ada', ada)).body).toMatchObject(operators);
  // Pausing changes what stands beneath it, not what shows.
  expect((await ask(fixture, 'PUT', 'ada', ada)).body).toMatchObject(operators);
  expect((await ask(fixture, 'PUT', 'ada', ada, { paused: false })).body).toMatchObject(operators);
  await fixture.pool.query("DELETE FROM holds WHERE user_id = ''");
  // The person's own went when they lifted it.
  expect((await ask(fixture, 'GET', 'ada', ada)).body).toEqual(none);

  await ask(fixture, 'PUT', 'ada', ada);
  await putOperatorHold(fixture.pool, 'environment', 'since the start');
  await fixture.api('PUT', '/v1/hold', { reason: 'maintenance' });
  expect((await ask(fixture, 'GET', 'ada', ada)).body).toMatchObject(operators);
  await removeOperatorHold(fixture.pool, 'api');
  expect((await ask(fixture, 'GET', 'ada', ada)).body).toMatchObject({ reason: 'since the start' });
  await removeOperatorHold(fixture.pool, 'environment');
  expect((await ask(fixture, 'GET', 'ada', ada)).body).toMatchObject({
    reason: 'on holiday',
    by: 'user',
  });
});

test.each([
  ['nothing', undefined],
  ['no word', {}],
  ['another type', { paused: 'yes' }],
  ['another property', { paused: true, by: 'operator' }],
  ['a reason that is too long', { paused: true, reason: 'x'.repeat(501) }],
  ['a NUL in the reason', { paused: true, reason: 'a\0b' }],
  ['half a surrogate pair', { paused: true, reason: '\ud800' }],
])('a change that says %s is refused', async (_what, body) => {
  const answer = await ask(fixture, 'PUT', 'ada', application, body ?? null);
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  expect((await ask(fixture, 'GET', 'ada', application)).body).toEqual(none);
});
