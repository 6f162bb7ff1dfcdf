import { isWholeSoFar, writeCursor } from '../../../activities/sweep/cursor';
import { noteAway } from '../../../src/lib/log';
import { readSweepState } from '../../../src/db/queries/sweep/state';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { insertIntegrations, insertNotice, sql } from '../../support/scenes/rows';
import { recordedSweep } from './sweeping';

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
  await insertIntegrations(db.pool, 520, { id: sql("'int_' || to_char(n, 'FM0000')") });
  await insertNotice(db.pool, { next_attempt_at: sql("now() - interval '1 minute'") });
});
afterEach(() => db.drop());

const breakStatus = () =>
  db.pool.query('ALTER TABLE integration_credentials RENAME COLUMN resume_version TO gone');
const giveEach = () =>
  db.pool.query(
    `INSERT INTO deliveries (id, integration_id, claim, outcome, state, dedupe_hash, headers, body)
     SELECT id, id, 'x', 'accepted', 'pending', sha256(id::bytea), '[]', '' FROM integrations`,
  );

test('a sweep of several pages rings everybody once, and the other kinds after the first page', async () => {
  await giveEach();
  const { sweepInbox, rung } = recordedSweep(db.pool);
  let { cursor } = await sweepInbox({ all: false, cursor: null });
  for (let step = 0; cursor !== null && step < 10; step++) {
    ({ cursor } = await sweepInbox({ all: false, cursor }));
  }
  expect(cursor).toBeNull();
  const inboxes = rung.filter((line) => line.startsWith('lookAtIntegration'));
  expect(new Set(inboxes).size).toBe(520);
  expect(inboxes).toHaveLength(520);
  expect(rung.indexOf('noticeWaiting app:acme')).toBe(500);
});

test('a kind that can not be read keeps no other from being rung, and is left to the next sweep', async () => {
  await breakStatus();
  const { sweepInbox, rung, lines, log } = recordedSweep(db.pool);
  expect(await sweepInbox({ all: false, cursor: null })).toMatchObject({ cursor: null });
  expect(rung).toEqual(['noticeWaiting app:acme']);
  expect(lines.join()).toContain('"kind":"status"');
  expect(lines.join()).toContain('"level":"error"');
  expect((await readSweepState(db.pool))?.lastAt).toBeNull();
  // An outage has two lines, however many sweeps find nothing to read meanwhile.
  noteAway(log, 'postgres', true);
  const written = lines.length;
  await sweepInbox({ all: false, cursor: null });
  expect(lines.slice(written).join()).not.toContain('read_failed');
});

test('what one step could not read no later step forgets, also where histories take more steps', async () => {
  await breakStatus();
  let lists = 0;
  const { sweepInbox } = recordedSweep(db.pool, undefined, {
    runs: { endedSince: () => Promise.resolve({ runs: [], isAll: ++lists > 0 }) },
  });
  await db.pool.query(
    `INSERT INTO deleted_actors (workflow_id, look_at)
     SELECT 'integration:gone_' || n, now() FROM generate_series(1, 60) n`,
  );
  const first = await sweepInbox({ all: false, cursor: null });
  expect(first.cursor).toBe('deleted, incomplete');
  await db.pool.query('ALTER TABLE integration_credentials RENAME COLUMN gone TO resume_version');
  expect(await sweepInbox({ all: false, cursor: first.cursor })).toMatchObject({
    ...{ cursor: null, mark: { sweeps: 1 } },
  });
  expect((await readSweepState(db.pool))?.lastAt).toBeNull();
  // Nobody waits for histories: actors that can't go on were looked for before them, and once.
  expect(lists).toBe(1);
  expect(isWholeSoFar(writeCursor(new Map([['inbox', 'int_0007']]), false))).toBe(false);
  await sweepInbox({ all: false, cursor: null });
  expect((await readSweepState(db.pool))?.lastAt).toBeInstanceOf(Date);
});

test('where everybody has to be rung, a kind that can not be read is tried until it can', async () => {
  await db.pool.query('ALTER TABLE integrations RENAME TO away');
  const { sweepInbox, rung } = recordedSweep(db.pool);
  const first = await sweepInbox({ all: true, cursor: null });
  expect(rung).toEqual(['noticeWaiting app:acme']);
  expect(first.cursor).not.toBeNull();
  await expect(sweepInbox({ all: true, cursor: first.cursor })).rejects.toThrow('integrations');
  await db.pool.query('ALTER TABLE away RENAME TO integrations');
  let { cursor } = first;
  for (let step = 0; cursor !== null && step < 10; step++) {
    ({ cursor } = await sweepInbox({ all: true, cursor }));
  }
  expect(new Set(rung.filter((line) => line.startsWith('lookAtIntegration'))).size).toBe(520);
});

test.each(['inbox int_0007', '{', '[["inbox",7],["nobody",""]]'])(
  'a cursor that nobody can read is a beginning (%s)',
  async (cursor) => {
    const { sweepInbox, rung } = recordedSweep(db.pool);
    expect(await sweepInbox({ all: false, cursor })).toMatchObject({ cursor: null });
    expect(rung).toEqual(['noticeWaiting app:acme']);
  },
);

test('a notice that waits behind one whose time has not come is not rung for', async () => {
  await db.pool.query(`UPDATE notices SET next_attempt_at = now() + interval '1 hour'`);
  await insertNotice(db.pool, { next_attempt_at: sql("now() - interval '1 minute'") });
  const { sweepInbox, rung } = recordedSweep(db.pool);
  await sweepInbox({ all: false, cursor: null });
  expect(rung).toEqual([]);
});
