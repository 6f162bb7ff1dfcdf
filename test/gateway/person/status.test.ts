import type { PersonStatus } from '../../../src/live/person-status';
import { eventually } from '../../support/eventually';
import {
  insertCredential,
  insertDeliveries,
  insertHold,
  linkCredential,
} from '../../support/scenes/rows';
import { application, session } from '../as-person';
import { type IdentityFixture, identityFixture } from '../identity-fixture';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture({ temporal: 'away' });
});
afterAll(() => fixture.close());

const statusOf = async (userId: string, headers: Record<string, string> = application) => {
  const answer = await fetch(`${fixture.publicUrl}/api/connectors/${userId}/status`, { headers });
  return {
    status: answer.status,
    body: (await answer.json()) as PersonStatus & { error?: { code: string } },
    headers: answer.headers,
  };
};

const tokens = (name: string) => ({
  main: { accessToken: `access-${name}`, refreshToken: `refresh-${name}`, accountId: name },
});
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;

test('S46 with nothing connected there are no connectors, and none needs anything', async () => {
  const own = await session(fixture, 'nobody');
  const answer = await statusOf('nobody', own);
  expect(answer).toMatchObject({ status: 200 });
  expect(answer.body).toEqual({
    userId: 'nobody',
    connectors: {},
    anyNeedsReauth: false,
    hold: null,
  });
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

test('S46 with one that works, one that broke and one that was never connected, the broken one needs its person; while Temporal is away', async () => {
  const well = await fixture.integration('mixed', 'acme', {
    name: 'calendar',
    credentials: tokens('calendar'),
  });
  const fresh = await fixture.integration('mixed', 'acme', { name: 'contacts' });
  const { body } = await statusOf('mixed', await session(fixture, 'mixed'));
  expect(body).toEqual({
    userId: 'mixed',
    anyNeedsReauth: false,
    hold: null,
    connectors: {
      calendar: {
        status: 'connected',
        errorCode: null,
        lastSuccessAt: null,
        lastFailureAt: null,
        pending: 0,
        reconnectUrl: `${fixture.publicUrl}/reconnect/${well.id}`,
        label: 'Acme',
        since: time,
        deliveryHealth: { state: 'ok', since: null },
      },
      contacts: {
        status: 'needs_reauth',
        errorCode: 'not_connected',
        lastSuccessAt: null,
        lastFailureAt: null,
        pending: 0,
        reconnectUrl: `${fixture.publicUrl}/reconnect/${fresh.id}`,
        label: 'Acme',
        since: time,
        deliveryHealth: { state: 'ok', since: null },
      },
    },
  });
  await fixture.pool.query(
    `UPDATE integrations SET status = 'ERROR', reason_code = 'revoked' WHERE id = $1`,
    [well.id],
  );
  expect((await statusOf('mixed')).body).toMatchObject({
    anyNeedsReauth: true,
    connectors: { calendar: { status: 'needs_reauth', errorCode: 'revoked' } },
  });
});

test('S46 a dead credential counts, whichever name comes first; a moment between tokens and status does not', async () => {
  const { id } = await fixture.integration('two', 'acme', { name: 'pair' });
  const look = async () => {
    const { connectors, anyNeedsReauth } = (await statusOf('two')).body;
    return [connectors['pair']?.errorCode, anyNeedsReauth];
  };
  expect(await look()).toEqual(['not_connected', false]);
  const main = '(SELECT credential_id FROM integration_credentials WHERE integration_id = $1)';
  const alive = `UPDATE credentials SET state = 'alive', code = NULL, version = 1 WHERE id = ${main}`;
  await fixture.pool.query(alive, [id]);
  expect(await look()).toEqual(['not_connected', false]);
  await insertCredential(fixture.pool, {
    ...{ id: 'crd_second', user_id: 'two', state: 'dead', code: 'revoked', version: 2 },
  });
  await linkCredential(fixture.pool, {
    ...{ integration_id: id, name: 'second', credential_id: 'crd_second' },
  });
  expect(await look()).toEqual(['revoked', true]);
});

test('S46 with all well nobody is asked for anything; what has no account has nothing to connect', async () => {
  await fixture.integration('well', 'acme', { credentials: tokens('well') });
  const { body } = await fixture.api('POST', '/v1/integrations', {
    ...{ userId: 'well', name: 'hooks', provider: 'hooks', handler: 'sync' },
  });
  expect(body.error).toBeUndefined();
  const { body: status } = await statusOf('well');
  expect(status).toMatchObject({
    anyNeedsReauth: false,
    connectors: {
      main: { status: 'connected', errorCode: null },
      hooks: { status: 'connected', errorCode: null, reconnectUrl: null, label: 'Hooks' },
    },
  });
});

test('what is degraded, switched off or dead says so, with the code and the times of its credential', async () => {
  const { credentialId } = await fixture.integration('troubled', 'acme', {
    credentials: tokens('troubled'),
  });
  const change = (sql: string) =>
    fixture.pool.query(`UPDATE credentials SET ${sql} WHERE id = $1`, [credentialId]);
  const connector = async () => (await statusOf('troubled')).body.connectors['main'];

  await change(`state = 'degraded', code = 'http_503', last_success_at = '2026-01-02T03:04:05Z',
                last_failure_at = '2026-01-02T04:05:06.789Z'`);
  expect(await connector()).toMatchObject({
    status: 'connected',
    errorCode: 'http_503',
    lastSuccessAt: '2026-01-02T03:04:05.000Z',
    lastFailureAt: '2026-01-02T04:05:06.789Z',
  });
  await change("state = 'dead', code = 'invalid_grant'");
  await fixture.pool.query(
    `UPDATE integrations SET status = 'DISABLED', reason_code = 'switched_off'
     WHERE user_id = 'troubled'`,
  );
  expect(await connector()).toMatchObject({ status: 'disabled', errorCode: 'invalid_grant' });
  await change("state = 'alive', code = NULL");
  expect(await connector()).toMatchObject({ status: 'disabled', errorCode: null });
  expect((await statusOf('troubled')).body.anyNeedsReauth).toBe(false);
  await fixture.pool.query("UPDATE integrations SET deleted_at = now() WHERE user_id = 'troubled'");
  expect((await statusOf('troubled')).body.connectors).toEqual({});
});

test("a hold shows with its reason, the operator's before the person's own", async () => {
  const hold = async () => (await statusOf('held')).body.hold;
  await fetch(`${fixture.publicUrl}/api/users/held/pause`, {
    method: 'PUT',
    headers: { ...application, 'content-type': 'application/json' },
    body: JSON.stringify({ paused: true, reason: 'on holiday' }),
  });
  expect(await hold()).toEqual({ by: 'user', reason: 'on holiday', since: time });
  await insertHold(fixture.pool, { reason: 'maintenance' });
  expect(await hold()).toEqual({ by: 'operator', reason: 'maintenance', since: time });
  expect((await statusOf('nobody')).body.hold).toMatchObject({ by: 'operator' });
  await fixture.pool.query('DELETE FROM holds');
  expect(await hold()).toBeNull();
});

test.each([
  ['nobody', 'ada', () => Promise.resolve({}), 401, 'unauthorized'],
  ['someone else', 'ada', () => session(fixture, 'bob'), 403, 'forbidden'],
  [
    'the application, about an id that is none',
    '%20x',
    () => Promise.resolve(application),
    400,
    'invalid_request',
  ],
] as const)('S46 %s is refused', async (_who, userId, headers, status, code) => {
  expect(await statusOf(userId, await headers())).toMatchObject({
    status,
    body: { error: { code } },
  });
});

describe('what is kept', () => {
  const keep = (id: string, count: number) =>
    insertDeliveries(fixture.pool, count, { integration_id: id, outcome: 'parked' });
  const pending = async (userId: string) =>
    (await statusOf(userId)).body.connectors['main']?.pending;

  test.each([3, 200, 201, 2_000])('is counted to the last one (%s)', async (count) => {
    const userId = `keeper-${count}`;
    const { id } = await fixture.integration(userId);
    await keep(id, count);
    expect(await pending(userId)).toBe(count);
  });

  test('is not counted in full at every look, where it is much', async () => {
    const { id } = await fixture.integration('hoarder');
    await keep(id, 20_000);
    expect(await pending('hoarder')).toBe(20_000);
    await fixture.pool.query('DELETE FROM deliveries WHERE integration_id = $1', [id]);
    await keep(id, 10_000);
    // The last count holds for a while.
    expect(await pending('hoarder')).toBe(20_000);
    await eventually(async () => expect(await pending('hoarder')).toBe(10_000));
    // The view has a count of its own, for people at a terminal: nobody who doesn't ask for it pays for it.
    const plan = await fixture.pool.query<Record<'QUERY PLAN', string>>(
      `EXPLAIN SELECT user_id, status, health, health_code FROM connector_health
       WHERE user_id = 'hoarder'`,
    );
    expect(JSON.stringify(plan.rows)).not.toContain('deliveries');
  });
});
