import type { SweepState } from '../../../src/db/queries/sweep/state';
import { createInstallationId } from '../../../src/db/queries/installation';
import { ensureSweep } from '../../../src/temporal/sweep/schedule';
import { sweepScheduleId } from '../../../workflows/contract/ids';
import { eventually } from '../../support/eventually';
import {
  insertDeliveries,
  insertHold,
  insertIntegration,
  insertNotice,
  sql,
} from '../../support/scenes/rows';
import { type GatewayFixture, gatewayFixture } from '../gateway-fixture';

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture({ temporal: 'away' });
});
afterAll(() => gateway.close());

const status = async () => {
  const { status: code, body } = await gateway.call('GET', '/v1/status');
  expect(code).toBe(200);
  return body as unknown as Record<string, unknown> & { at: string; sweep: SweepState };
};

const ago = (text: string) => sql(`date_trunc('second', now()) - interval '${text}'`);

test('without Temporal it says how everything is; what only Temporal knows is null', async () => {
  const [empty, same] = await Promise.all([status(), status()]);
  expect(empty).toEqual({
    at: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
    integrations: { ENABLED: 0, DISABLED: 0, ERROR: 0 },
    broken: [],
    deliveries: { due: 0, parked: 0, deadLetters: 0, oldestDueAt: null },
    failingDestinations: [],
    ...{ holds: 0, applicationFaults: 0 },
    notifications: { waiting: 0, oldestAt: null },
    sweep: { lastAt: null, late: expect.any(Boolean) as unknown, paused: null },
    actors: { stuck: 0, healedLastDay: 0 },
    schema: { version: 18, pending: 0 },
    database: { bytes: expect.any(Number) as unknown },
  });
  // However many ask, the rows are read once.
  expect(same.at).toBe(empty.at);
});

test('broken, parked, due, dead-lettered, failing and waiting are counted, each where it belongs', async () => {
  const { pool } = gateway;
  const broken = (id: string, code: string, provider = 'acme', since = '1 hour') =>
    insertIntegration(pool, {
      ...{ id, user_id: id, status: 'ERROR', provider, reason_code: code },
      reason_since: ago(since),
    } as Parameters<typeof insertIntegration>[1]);
  await broken('int_1', 'invalid_grant', 'acme', '1 hour');
  await broken('int_2', 'invalid_grant', 'acme', '2 hours');
  await broken('int_3', 'revoked');
  await broken('int_4', 'invalid_grant', 'other');
  await broken('int_5', 'not_connected');
  await broken('int_6', 'revoked');
  await insertIntegration(pool, { id: 'int_on', user_id: 'on' });
  await insertIntegration(pool, { id: 'int_off', user_id: 'off', status: 'DISABLED' });
  await insertIntegration(pool, { id: 'int_held', user_id: 'held' });
  await pool.query("UPDATE integrations SET deleted_at = now() WHERE id = 'int_6'");
  await pool.query(
    "UPDATE integrations SET status_since = now() - interval '20 minutes' WHERE id = 'int_on'",
  );
  await insertHold(pool, { user_id: 'held' });
  const kept = (integration_id: string, count: number, received_at = ago('1 minute')) =>
    insertDeliveries(pool, count, { integration_id, received_at });
  await kept('int_on', 2, ago('10 minutes'));
  await kept('int_on', 1);
  await kept('int_held', 4, ago('1 hour'));
  await kept('int_1', 5);
  await insertDeliveries(pool, 6, { integration_id: 'int_on', state: 'failed' });
  await pool.query(
    `INSERT INTO failing_destinations (integration_id, origin, since, error) VALUES
       ('int_on', 'https://a.example', now() - interval '2 hours', 'HTTP 500'),
       ('int_held', 'https://a.example', now() - interval '1 hour', 'HTTP 503'),
       ('int_off', 'https://b.example', now(), 'ECONNREFUSED')`,
  );
  await pool.query(
    `INSERT INTO app_faults (provider, code, taken_at) VALUES ('acme', 'invalid_client', NULL),
       ('other', 'invalid_client', now())`,
  );
  await insertNotice(pool, { created_at: ago('1 day') });
  await insertNotice(pool, { outcome: 'delivered' });
  await pool.query(
    `INSERT INTO stuck_actors (workflow_id, workflow, cause) VALUES ('integration:x', 'integration', 'failed')`,
  );
  await pool.query(
    `INSERT INTO actor_restarts (workflow_id, workflow, cause, at) VALUES
       ('integration:x', 'integration', 'failed', now()),
       ('integration:y', 'integration', 'failed', now() - interval '23 hours'),
       ('integration:x', 'integration', 'failed', now() - interval '25 hours')`,
  );
  await pool.query("UPDATE sweep_state SET last_at = now() - interval '60 seconds'");

  await eventually(async () => {
    expect(await status()).toMatchObject({
      integrations: { ENABLED: 2, DISABLED: 1, ERROR: 5 },
      broken: [
        { provider: 'acme', code: 'invalid_grant', count: 2, example: 'int_2' },
        { provider: 'acme', code: 'revoked', count: 1, example: 'int_3' },
        { provider: 'other', code: 'invalid_grant', count: 1, example: 'int_4' },
      ],
      deliveries: { due: 3, parked: 9, deadLetters: 6 },
      failingDestinations: [
        { origin: 'https://a.example', integrations: 2, error: 'HTTP 500' },
        { origin: 'https://b.example', integrations: 1, error: 'ECONNREFUSED' },
      ],
      ...{ holds: 1, applicationFaults: 1 },
      notifications: { waiting: 1 },
      sweep: { late: false },
      actors: { stuck: 1, healedLastDay: 2 },
    });
  });
  const now = await status();
  const hoursAgo = (at: unknown) => (Date.now() - Date.parse(String(at))) / 3_600_000;
  const {
    broken: shown,
    deliveries,
    failingDestinations,
    notifications,
  } = now as unknown as {
    broken: { oldestSince: string }[];
    deliveries: { oldestDueAt: string };
    failingDestinations: { since: string }[];
    notifications: { oldestAt: string };
  };
  expect(hoursAgo(shown[0]?.oldestSince)).toBeCloseTo(2, 1);
  expect(hoursAgo(deliveries.oldestDueAt)).toBeCloseTo(1 / 6, 1);
  expect(hoursAgo(failingDestinations[0]?.since)).toBeCloseTo(2, 1);
  expect(hoursAgo(notifications.oldestAt)).toBeCloseTo(24, 1);

  await insertHold(pool);
  await pool.query("UPDATE sweep_state SET last_at = now() - interval '91 seconds'");
  await eventually(async () => {
    const held = { due: 0, parked: 12, oldestDueAt: null };
    expect(await status()).toMatchObject({ deliveries: held, holds: 2, sweep: { late: true } });
  });
});

test('what takes too long, or is not there before the migration, is null, and the rest is said', async () => {
  const { pool } = gateway;
  await pool.query('ALTER TABLE failing_destinations RENAME TO elsewhere');
  const { rows } = await pool.query<{ name: string }>(
    `DELETE FROM migrations WHERE id = (SELECT max(id) FROM migrations) RETURNING name`,
  );
  const other = await pool.connect();
  try {
    await other.query('BEGIN; LOCK TABLE notices');
    await eventually(async () => {
      expect(await status()).toMatchObject({
        ...{ failingDestinations: null, holds: null, notifications: { waiting: null } },
        integrations: { ENABLED: 2 },
        schema: { version: 17, pending: 1 },
      });
    });
  } finally {
    await other.query('ROLLBACK');
    other.release();
    await pool.query('ALTER TABLE elsewhere RENAME TO failing_destinations');
    await pool.query('INSERT INTO migrations (name, run_on) VALUES ($1, now())', [rows[0]?.name]);
  }
});

test('with Temporal it says whether the sweep is paused; nobody gets it without a key', async () => {
  const whole = await gatewayFixture();
  try {
    const { temporal, call, app, pool: db } = whole;
    const installationId = createInstallationId(db);
    await ensureSweep({ client: temporal.client, db, installationId, sweepSeconds: 3_600 });
    const paused = async () =>
      ((await call('GET', '/v1/status')).body as unknown as { sweep: { paused: boolean } }).sweep
        .paused;
    await eventually(async () => expect(await paused()).toBe(false));
    await temporal.client.schedule.getHandle(sweepScheduleId).pause();
    await eventually(async () => expect(await paused()).toBe(true));
    expect((await app.inject({ url: '/v1/status' })).statusCode).toBe(401);
  } finally {
    await whole.close();
  }
});
