import { createPool, type Pool } from '../../src/db/pool';
import { createHub, type Hub } from '../../src/live/hub';
import type { PersonStatus } from '../../src/live/person-status';
import { createLog } from '../../src/lib/log';
import type { Place } from '../../src/live/subscribers';
import { type TestDatabase, testDatabase } from '../support/servers/database';
import { eventually } from '../support/eventually';
import { startTcpProxy, type TcpProxy } from '../support/doubles/tcp-proxy';

let database: TestDatabase;
let proxy: TcpProxy;
let pool: Pool;
let hub: Hub;
let reads: (readonly string[])[];
let logged: string[];
beforeAll(async () => {
  database = await testDatabase();
  const { hostname, port } = new URL(database.url);
  proxy = await startTcpProxy({ host: hostname, port: Number(port) });
});
beforeEach(() => {
  const url = new URL(database.url);
  url.port = String(proxy.port);
  proxy.mend();
  pool = createPool(url.href, createLog('silent'));
  reads = [];
  logged = [];
  hub = createHub({
    pool,
    log: createLog('info', { write: (line) => logged.push(line) }),
    read: async (userIds) => {
      reads.push(userIds);
      const { rows } = await pool.query<{ id: string; reason: string | null }>(
        `SELECT id, reason FROM unnest($1::text[]) id LEFT JOIN holds ON user_id IN ('', id)`,
        [userIds],
      );
      return new Map(rows.map(({ id, reason }) => [id, statusOf(id, reason)]));
    },
    maxOfAll: 1_000,
    heartbeatMs: 1_500,
  });
});
afterEach(async () => {
  await hub.close();
  await pool.end();
  await database.pool.query('DELETE FROM holds');
});
afterAll(async () => {
  await proxy.close();
  await database.drop();
});

const statusOf = (userId: string, reason: string | null): PersonStatus => ({
  ...{ userId, connectors: {}, anyNeedsReauth: false },
  hold: reason === null ? null : { by: 'operator', reason, since: null },
});

interface Follower {
  place: Place;
  /** Of the hold that each says; `none` where there is none. */
  reasons: string[];
  beats: number[];
  ended: (number | undefined)[];
}

/** A reader that keeps what it is told. */
async function follow(userId: string): Promise<Follower> {
  const place = await hub.join(userId, null);
  const follower: Follower = { place, reasons: [], beats: [], ended: [] };
  hub.begin(place, {
    send: (event) => {
      const data = /^data: (.*)$/m.exec(event.toString())?.[1] ?? '';
      follower.reasons.push((JSON.parse(data) as PersonStatus).hold?.reason ?? 'none');
    },
    beat: () => follower.beats.push(performance.now()),
    end: (retryMs) => follower.ended.push(retryMs),
  });
  return follower;
}

const hold = (reason: string) =>
  database.pool.query(
    `INSERT INTO holds (scope, by, reason) VALUES ('all', 'operator', $1)
     ON CONFLICT (user_id, by, source) DO UPDATE SET reason = excluded.reason`,
    [reason],
  );
const listeners = async () => {
  const { rows } = await database.pool.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity
     WHERE datname = current_database() AND query IN ('LISTEN holdfast_live', 'SELECT')`,
  );
  return rows.map(({ pid }) => pid);
};

test('one statement tells all who are concerned by a change, over one listening connection', async () => {
  const followers = await Promise.all(
    Array.from({ length: 300 }, (_, number) => follow(`user-${number}`)),
  );
  expect(await listeners()).toHaveLength(1);
  // Those who came while a statement was under way share the next one.
  expect(reads.length).toBeLessThan(10);
  reads = [];
  await hold('maintenance');
  await eventually(() => {
    for (const { reasons } of followers) expect(reasons).toEqual(['none', 'maintenance']);
  });
  expect(reads.filter((one) => one.length === 300).length).toBeGreaterThan(0);
  expect(reads.length).toBeLessThan(5);
});

test('heartbeats are spread, and cost no statement', async () => {
  const began = performance.now();
  const followers = await Promise.all(
    Array.from({ length: 30 }, (_, number) => follow(`user-${number}`)),
  );
  await eventually(() => {
    for (const { beats } of followers) expect(beats.length).toBeGreaterThan(2);
  });
  const seconds = (performance.now() - began) / 1_000;
  // It looks at everything every two seconds, however many heartbeats there are.
  expect(reads.length).toBeLessThan(6 + seconds / 2);
  const rounded = followers.map(({ beats }) => Math.round((beats[0] ?? 0) / 50));
  expect(new Set(rounded).size).toBeGreaterThan(5);
  for (const { reasons } of followers) expect(reasons).toEqual(['none']);
});

test('after a lost connection it listens again, and tells everybody afresh', async () => {
  const follower = await follow('ada');
  const [before] = await listeners();
  await database.pool.query('SELECT pg_terminate_backend($1)', [before]);
  await eventually(() => expect(follower.reasons).toEqual(['none', 'none']));
  expect(await listeners()).not.toEqual([before]);
  await hold('maintenance');
  await eventually(() => expect(follower.reasons.at(-1)).toBe('maintenance'), {
    timeoutMs: 1_500,
  });
  expect(follower.ended).toEqual([]);
});

test('where it can neither listen nor read, streams end and none begins; afterwards they do', async () => {
  const follower = await follow('ada');
  proxy.cut();
  const cutAt = performance.now();
  await eventually(() => expect(follower.ended).toHaveLength(1));
  expect(performance.now() - cutAt).toBeLessThan(6_000);
  expect(follower.ended[0]).toBeGreaterThanOrEqual(500);
  await expect(follow('ada')).rejects.toMatchObject({ code: 'database_unavailable' });
  expect(follower.reasons).toEqual(['none']);
  await hold('meanwhile');
  proxy.mend();
  const again = await eventually(() => follow('ada'), { timeoutMs: 15_000 });
  expect(again.reasons).toEqual(['meanwhile']);
}, 60_000);

test('where reading takes too long, streams end', async () => {
  const follower = await follow('ada');
  const blocker = await database.pool.connect();
  try {
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE holds');
    await eventually(() => expect(follower.ended).toHaveLength(1));
    await expect(follow('bob')).rejects.toMatchObject({ code: 'database_unavailable' });
  } finally {
    await blocker.query('ROLLBACK');
    blocker.release();
  }
  expect((await eventually(() => follow('bob'))).reasons).toEqual(['none']);
}, 60_000);

test('a gateway has no more streams than it takes, and room again when one is left', async () => {
  const followers = await Promise.all(
    Array.from({ length: 1_000 }, (_, number) => follow(`user-${number}`)),
  );
  await expect(follow('one-more')).rejects.toMatchObject({ code: 'overloaded', status: 503 });
  const [first] = followers;
  if (first !== undefined) hub.leave(first.place);
  await follow('one-more');
});

test('what a trigger did not tell is found out all the same', async () => {
  const follower = await follow('ada');
  await database.pool.query('ALTER TABLE holds DISABLE TRIGGER USER');
  try {
    await hold('unheard');
    await eventually(() => expect(follower.reasons).toEqual(['none', 'unheard']));
  } finally {
    await database.pool.query('ALTER TABLE holds ENABLE TRIGGER USER');
  }
});
