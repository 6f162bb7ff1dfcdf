import type { PersonStatus } from '../../../src/live/person-status';
import { eventually } from '../../support/eventually';
import { type EventReader, readEvents } from '../../support/event-reader';
import { insertDeliveries } from '../../support/scenes/rows';
import { application, cookieOf, session } from '../as-person';
import { type IdentityFixture, identityFixture } from '../identity-fixture';

let fixture: IdentityFixture;
const open: EventReader[] = [];
beforeAll(async () => {
  fixture = await identityFixture();
});
afterEach(() => {
  for (const reader of open.splice(0)) reader.close();
});
afterAll(() => fixture.close());

async function follow(userId: string, headers: Record<string, string>): Promise<EventReader> {
  const reader = await readEvents(`${fixture.publicUrl}/api/users/${userId}/events`, headers);
  open.push(reader);
  return reader;
}
const connected = { main: { accessToken: 'an-access', refreshToken: 'a-refresh', accountId: 'a' } };

test('the status comes at once, as the status API has it, whatever the last event was', async () => {
  await fixture.integration('ada', 'acme', { credentials: connected });
  const own = await session(fixture, 'ada');
  const answer = await fetch(`${fixture.publicUrl}/api/connectors/ada/status`, { headers: own });
  const status = (await answer.json()) as PersonStatus;

  const first = await follow('ada', own);
  expect(first.status).toBe(200);
  expect(first.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-content-type-options': 'nosniff',
    vary: 'Origin',
  });
  await first.until((data) => expect(data).toEqual(status));
  expect(first.text()).toMatch(/^retry: \d+\n\nid: \S+\nevent: status\ndata: /);
  const [{ id } = { id: undefined }] = first.events();
  for (const last of [id ?? '', 'anything', '999999999999999999999']) {
    const again = await follow('ada', { ...own, 'last-event-id': last });
    await again.until((data) => expect(data).toEqual(status));
    expect(again.events()).toEqual(first.events());
  }
  const byCookie = await follow('cora', await cookieOf(fixture, 'cora'));
  await byCookie.until<PersonStatus>(({ userId }) => expect(userId).toBe('cora'));
});

test('another comes at every change, to that person alone', async () => {
  const { id, credentialId } = await fixture.integration('bea', 'acme', {
    credentials: connected,
  });
  const { pool } = fixture;
  const reader = await follow('bea', await session(fixture, 'bea'));
  const other = await follow('carl', application);
  await other.until<PersonStatus>(({ connectors }) => expect(connectors).toEqual({}));
  let seen = 0;
  const next = async (expected: object) => {
    // Sooner than everything is looked at again.
    await reader.until((data) => expect(data).toMatchObject(expected), 1_500);
    expect(reader.events().length).toBeGreaterThan(seen);
    seen = reader.events().length;
  };
  const main = (fields: object) => ({ connectors: { main: fields } });

  await next(main({ status: 'connected' }));
  await pool.query("UPDATE credentials SET state = 'degraded', code = 'http_503' WHERE id = $1", [
    credentialId,
  ]);
  await next(main({ status: 'connected', errorCode: 'http_503' }));
  await pool.query(
    `UPDATE integrations SET status = 'ERROR', reason_code = 'invalid_grant' WHERE id = $1`,
    [id],
  );
  await next({
    ...main({ status: 'needs_reauth', errorCode: 'invalid_grant' }),
    anyNeedsReauth: true,
  });
  await pool.query("UPDATE integrations SET reason_code = 'access_refused' WHERE id = $1", [id]);
  await next(main({ errorCode: 'access_refused' }));
  await pool.query(
    `INSERT INTO failing_destinations (integration_id, origin, error)
     VALUES ($1, 'https://app.example', 'The destination answered 500')`,
    [id],
  );
  await next(main({ deliveryHealth: { state: 'failing' } }));
  await pool.query('DELETE FROM failing_destinations');
  await next(main({ deliveryHealth: { state: 'ok', since: null } }));
  const pause = (paused: boolean) =>
    fetch(`${fixture.publicUrl}/api/users/bea/pause`, {
      method: 'PUT',
      headers: { ...application, 'content-type': 'application/json' },
      body: JSON.stringify({ paused }),
    });
  await pause(true);
  await next({ hold: { by: 'user' } });
  await pause(false);
  await next({ hold: null });
  await fixture.api('PUT', '/v1/hold', { reason: 'maintenance' });
  await next({ hold: { by: 'operator', reason: 'maintenance' } });
  await other.until<PersonStatus>(({ hold }) => expect(hold?.reason).toBe('maintenance'));
  await fixture.api('PUT', '/v1/hold', { reason: 'still' });
  await next({ hold: { reason: 'still' } });
  await pool.query('DELETE FROM holds');
  await next({ hold: null });
  await fixture.integration('bea', 'acme', { name: 'second' });
  await next({ connectors: { second: { status: 'needs_reauth' } } });
  await pool.query("UPDATE integrations SET deleted_at = now() WHERE user_id = 'bea'");
  await next({ connectors: {}, anyNeedsReauth: false });
  for (const { data } of other.events()) expect(data).not.toContain('bea');
  // Nothing, the hold, its other reason, and nothing again.
  expect(other.events()).toHaveLength(4);
});

test('what is kept is counted again while somebody looks', async () => {
  const { id } = await fixture.integration('dora');
  const reader = await follow('dora', application);
  await reader.until<PersonStatus>(({ connectors }) => expect(connectors['main']?.pending).toBe(0));
  await insertDeliveries(fixture.pool, 38, { integration_id: id, outcome: 'parked' });
  await reader.until<PersonStatus>(
    ({ connectors }) => expect(connectors['main']?.pending).toBe(38),
    20_000,
  );
  expect(reader.events()).toHaveLength(2);
});

test('a stream ends with its session, and with the person', async () => {
  const { pool } = fixture;
  const [deleted, shortened, kept] = await Promise.all(
    ['one', 'two', 'three'].map(async () => follow('eve', await session(fixture, 'eve'))),
  );
  const byKey = await follow('eve', application);
  const { rows } = await pool.query<{ id: string }>(
    "SELECT id FROM sessions WHERE user_id = 'eve' ORDER BY created_at",
  );
  expect(rows).toHaveLength(3);
  const isOver = async (reader: EventReader | undefined) =>
    Promise.race([reader?.ended, new Promise((resolve) => setTimeout(resolve, 500, 'open'))]);

  await pool.query('DELETE FROM sessions WHERE id = $1', [rows[0]?.id]);
  await pool.query("UPDATE sessions SET expires_at = now() + interval '1 second' WHERE id = $1", [
    rows[1]?.id,
  ]);
  // They were opened in whatever order.
  await eventually(async () => {
    const outcomes = await Promise.all([deleted, shortened, kept].map(isOver));
    expect(outcomes.filter((one) => one === true)).toHaveLength(2);
  });
  expect(await isOver(byKey)).toBe('open');
  await fetch(`${fixture.publicUrl}/v1/users/eve`, { method: 'DELETE', headers: application });
  for (const reader of [deleted, shortened, kept, byKey]) expect(await reader?.ended).toBe(true);
});

test('one person has no more than 20 streams, and room again when one is closed', async () => {
  const readers = [];
  for (let count = 0; count < 20; count++) readers.push(await follow('fay', application));
  const refused = await follow('fay', application);
  expect(refused.status).toBe(429);
  expect(refused.headers['retry-after']).toBeDefined();
  await refused.ended;
  expect(refused.text()).toContain('"code":"too_many_streams"');
  expect((await follow('gus', application)).status).toBe(200);
  readers[7]?.close();
  await eventually(async () => expect((await follow('fay', application)).status).toBe(200));
  expect((await follow('fay', application)).status).toBe(429);
});

test('HEAD says what there would be, and opens nothing', async () => {
  const answer = await fetch(`${fixture.publicUrl}/api/users/ada/events`, {
    method: 'HEAD',
    headers: application,
  });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
  ]);
  const post = await fetch(`${fixture.publicUrl}/api/users/ada/events`, {
    method: 'POST',
    headers: application,
  });
  expect(post.status).toBe(404);
});

test('nobody gets a stream who may not ask', async () => {
  const bob = await session(fixture, 'bob');
  for (const [headers, status] of [
    [{}, 401],
    [bob, 403],
  ] as const) {
    expect((await follow('ada', headers)).status).toBe(status);
  }
  expect((await follow('%20x', application)).status).toBe(400);
});
