import { Registry } from 'prom-client';
import { createLog } from '../../src/lib/log';
import { createSnapshot } from '../../src/metrics/snapshot';
import { eventually } from '../support/eventually';
import { linesOf } from '../support/log-events';
import {
  insertCredential,
  insertDeliveries,
  insertHold,
  insertIntegration,
  insertNotice,
  sql,
} from '../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../support/servers/database';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const running = new Set<{ stop(): Promise<void> }>();
afterEach(async () => {
  await Promise.all([...running].map((one) => one.stop()));
  running.clear();
});

/** As one process would run it; `shown` are the lines of its gauges, without the prefix. */
function start(isSweepPaused: () => Promise<boolean> = () => Promise.resolve(false)) {
  const registry = new Registry();
  const lines: string[] = [];
  const snapshot = createSnapshot({
    ...{ databaseUrl: database.runUrl, registry, config: { snapshotSeconds: 0.1 }, isSweepPaused },
    log: createLog('info', { write: (line) => lines.push(line) }),
  });
  running.add(snapshot);
  const shown = async () =>
    (await registry.metrics())
      .split('\n')
      .filter((line) => line.startsWith('holdfast_'))
      .map((line) => line.slice('holdfast_'.length));
  const stop = () => {
    running.delete(snapshot);
    return snapshot.stop();
  };
  return { stop, shown, warnings: () => linesOf(lines, 'metrics.') };
}

const timeOf = 'snapshot_timestamp_seconds ';

/** Until it shows a snapshot that was begun after this was asked for. */
async function next({ shown }: Pick<ReturnType<typeof start>, 'shown'>): Promise<string[]> {
  const at = Date.now() / 1_000;
  const later = async (seconds: number) =>
    eventually(async () => {
      const lines = await shown();
      const taken = Number(lines.find((line) => line.startsWith(timeOf))?.slice(timeOf.length));
      if (!(taken > seconds)) throw new Error('there is no snapshot yet');
      return { lines, taken };
    });
  // The first one may have begun before.
  return (await later((await later(at)).taken)).lines;
}

const countHolds = async () => {
  const { rows } = await database.pool.query<{ count: string }>(
    "SELECT count(*) FROM holds WHERE by = 'user'",
  );
  return Number(rows[0]?.count);
};

const hasTime = async (one: ReturnType<typeof start>) =>
  (await one.shown()).some((line) => line.startsWith(timeOf));

test('everything is counted where it belongs', async () => {
  const { pool } = database;
  const at = (seconds: number) => sql(`to_timestamp(${1_700_000_000 + seconds})`);
  const error = (id: string, reason_code: string, since: number) =>
    insertIntegration(pool, {
      ...{ id, status: 'ERROR', reason_code, reason_since: at(since) },
    });
  await error('int_1', 'revoked', 20);
  await error('int_2', 'invalid_grant', 10);
  await error('int_3', 'not_connected', 0);
  await insertIntegration(pool, { id: 'int_on' });
  await insertIntegration(pool, { id: 'int_held', user_id: 'held', provider: 'hooks' });
  await insertIntegration(pool, { id: 'int_gone' });
  await pool.query("UPDATE integrations SET deleted_at = now() WHERE id = 'int_gone'");
  await insertCredential(pool);
  await insertCredential(pool, { state: 'degraded' });
  await insertCredential(pool, { state: 'dead', code: 'revoked' });
  await insertHold(pool, { user_id: 'held' });
  const kept = (integration_id: string, count: number, second: number) =>
    insertDeliveries(pool, count, { integration_id, received_at: at(second) });
  await kept('int_on', 2, 100);
  await kept('int_on', 1, 50);
  await kept('int_1', 4, 40);
  await kept('int_held', 1, 30);
  await insertDeliveries(pool, 5, { integration_id: 'int_held', state: 'failed' });
  await insertNotice(pool, { created_at: at(60) });
  await insertNotice(pool, { created_at: at(70) });
  await insertNotice(pool, { outcome: 'delivered' });
  await pool.query(`
    INSERT INTO integration_episodes (integration_id, kind) VALUES
      ('int_on', 'inbox_full'), ('int_held', 'delivery_failed'), ('int_1', 'inbox_full');
    INSERT INTO app_faults (provider, code, taken_at) VALUES
      ('acme', 'invalid_client', NULL), ('hooks', 'invalid_client', now());
    INSERT INTO stuck_actors (workflow_id, workflow, cause) VALUES
      ('integration:int_1', 'integration', 'nondeterminism');
    UPDATE sweep_state SET last_at = to_timestamp(1700000080)`);
  const enabledAt = (second: number) =>
    pool.query(`UPDATE integrations SET status_since = to_timestamp($1) WHERE status = 'ENABLED'`, [
      1_700_000_000 + second,
    ]);
  await enabledAt(0);
  const one = start();
  const lines = await next(one);
  const fixed = lines.filter((line) => !/^(database_size_bytes|snapshot_timestamp)/.test(line));
  expect(fixed.sort()).toEqual(
    [
      'integrations{provider="acme",status="ERROR",code="revoked"} 1',
      'integrations{provider="acme",status="ERROR",code="invalid_grant"} 1',
      'integrations{provider="acme",status="ERROR",code="not_connected"} 1',
      'integrations{provider="acme",status="ENABLED",code=""} 1',
      'integrations{provider="hooks",status="ENABLED",code=""} 1',
      'integrations_oldest_error_timestamp_seconds{provider="acme"} 1700000010',
      'credentials{provider="acme",state="alive"} 1',
      'credentials{provider="acme",state="degraded"} 1',
      'credentials{provider="acme",state="dead"} 1',
      'deliveries_pending{kind="due"} 3',
      'deliveries_pending{kind="parked"} 5',
      // The oldest of an inbox is the one that is handled next.
      'deliveries_oldest_pending_timestamp_seconds{kind="due"} 1700000100',
      'deliveries_oldest_pending_timestamp_seconds{kind="parked"} 1700000030',
      'dead_letters{provider="hooks"} 5',
      'notifications_waiting 2',
      'notifications_oldest_waiting_timestamp_seconds 1700000060',
      'incidents{type="delivery.failed"} 1',
      'incidents{type="integration.inbox_full"} 2',
      'incidents{type="delivery.failing"} 0',
      'holds{by="operator"} 0',
      'holds{by="user"} 1',
      'application_faults{provider="acme"} 1',
      'actors_stuck{workflow="integration"} 1',
      'actors_stuck{workflow="credential"} 0',
      'actors_stuck{workflow="notification"} 0',
      'actors_stuck{workflow="replay"} 0',
      'actors_stuck{workflow="sweep"} 0',
      'sweep_last_success_timestamp_seconds 1700000080',
      'schema_migrations_pending 0',
      'sweep_paused 0',
    ].sort(),
  );

  // What was parked by a status is not due since it was received.
  await enabledAt(200);
  const oldest = (await next(one)).filter((line) => line.includes('oldest_pending'));
  expect(oldest.sort()).toEqual([
    'deliveries_oldest_pending_timestamp_seconds{kind="due"} 1700000200',
    'deliveries_oldest_pending_timestamp_seconds{kind="parked"} 1700000030',
  ]);
});

test('of two processes one reads; the other takes over when that ends, and when its session is lost', async () => {
  const [one, two] = [start(), start()];
  const first = await eventually(async () => {
    if (await hasTime(one)) return one;
    if (await hasTime(two)) return two;
    throw new Error('nobody has the lock yet');
  });
  const second = first === one ? two : one;
  await next(first);
  expect(await second.shown()).toEqual([]);
  await first.stop();
  expect(await first.shown()).toEqual([]);
  await next(second);

  const third = start();
  await database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks
     WHERE locktype = 'advisory' AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  const shown = await eventually(async () => {
    const [a, b] = await Promise.all([hasTime(second), hasTime(third)]);
    if (!a && !b) throw new Error('nobody has the lock yet');
    return [a, b];
  });
  expect(shown.filter(Boolean)).toHaveLength(1);
});

test('what can not be read is left out, with one warning; the rest is shown', async () => {
  const { pool } = database;
  await pool.query('ALTER TABLE stuck_actors RENAME TO elsewhere');
  const one = start(() => Promise.reject(new Error('Temporal is away')));
  const names = (lines: string[]) => new Set(lines.map((line) => /^\w+/.exec(line)?.[0]));
  const without = await eventually(async () => {
    const lines = await one.shown();
    // The last part.
    expect(names(lines)).toContain('database_size_bytes');
    return lines;
  });
  expect(names(without)).not.toContain('actors_stuck');
  expect(names(without)).not.toContain('sweep_paused');
  // What is not whole is not of now.
  expect(names(without)).not.toContain(timeOf.trim());
  expect(names(without)).toContain('deliveries_pending');
  expect(names(without)).toContain('schema_migrations_pending');
  expect(one.warnings()).toMatchObject([{ event: 'metrics.not_read', part: 'actors_stuck' }]);
  await pool.query('ALTER TABLE elsewhere RENAME TO stuck_actors');
  expect(names(await next(one))).toContain('actors_stuck');
  expect(one.warnings()).toHaveLength(1);
});

test('a statement that takes longer than two seconds leaves its gauges out, and the others go on', async () => {
  const { pool } = database;
  const one = start();
  expect((await next(one)).join()).toContain('actors_stuck');
  const locker = await pool.connect();
  try {
    await locker.query('BEGIN; LOCK TABLE stuck_actors IN ACCESS EXCLUSIVE MODE');
    const lockedAt = performance.now();
    await eventually(() => expect(one.warnings()).toHaveLength(1), { timeoutMs: 10_000 });
    expect(performance.now() - lockedAt).toBeGreaterThan(1_500);
    expect(one.warnings()).toMatchObject([
      {
        ...{ event: 'metrics.not_read', part: 'actors_stuck' },
        err: expect.stringContaining('timeout') as unknown,
      },
    ]);
    await insertHold(pool, { user_id: 'during' });
    await insertHold(pool, { user_id: 'the lock' });
    const holds = await countHolds();
    const lines = await eventually(
      async () => {
        const shown = await one.shown();
        expect(shown).toContain(`holds{by="user"} ${holds}`);
        return shown;
      },
      { timeoutMs: 10_000 },
    );
    expect(lines.join()).not.toContain('actors_stuck');
  } finally {
    await locker.query('ROLLBACK');
    locker.release();
  }
  expect((await next(one)).join()).toContain('actors_stuck');
  expect(one.warnings()).toHaveLength(1);
}, 30_000);
