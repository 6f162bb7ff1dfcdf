import { sealedColumns } from '../../src/crypto/encrypted-columns';
import { createLog } from '../../src/lib/log';
import { adoptKeys } from '../../src/encryption/adopt-keys';
import { keepSealedAnew } from '../../src/encryption/run';
import { insertSealedRows, openAll, sealingKey } from './encrypted-rows';
import { testDatabase, type TestDatabase } from '../support/servers/database';
import { eventually } from '../support/eventually';

const old = sealingKey('old');
const next = sealingKey('next');
const patient = { timeoutMs: 25_000 };

interface Line {
  level: string;
  msg: string;
  [field: string]: unknown;
}

let db: TestDatabase;
let stops: (() => Promise<void>)[];
beforeEach(async () => {
  db = await testDatabase();
  stops = [];
  await adoptKeys(db.pool, [old]);
});
afterEach(async () => {
  for (const stop of stops) await stop();
  await db.drop();
});

/** A worker with these keys. @returns what it has logged */
function keep(keys: readonly (typeof old)[]): Line[] {
  const lines: Line[] = [];
  const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line) as Line) });
  const keeper = keepSealedAnew({ pool: db.pool, keys, log, everyMs: 50 });
  stops.push(() => keeper.stop());
  return lines;
}

const allUnder = (key: typeof old, plain: Map<string, string>) =>
  eventually(async () => {
    expect(await openAll(db.pool, [key])).toEqual({ keyIds: new Set([key.id]), plain });
  }, patient);

test('it says how many, and that it is done; then nothing more', async () => {
  const plain = await insertSealedRows(db.pool, old, 20);
  await adoptKeys(db.pool, [next, old]);
  const lines = keep([next, old]);
  await eventually(() => expect(lines).toHaveLength(2), patient);
  await allUnder(next, plain);
  const values = plain.size;
  expect(lines).toMatchObject([
    { level: 'info', key: 'next', olderKeys: ['old'], values },
    { event: 'reencryption.ended', sealed: values, unreadable: 0 },
  ]);
  await stops[0]?.();
  expect(lines).toHaveLength(2);
});

test('what a process that is not restarted yet seals with the older key is found later', async () => {
  await adoptKeys(db.pool, [next, old]);
  const first = await insertSealedRows(db.pool, next, 1);
  keep([next, old]);
  for (let turn = 0; turn < 2; turn++) {
    for (const [place, text] of await insertSealedRows(db.pool, old, 2)) first.set(place, text);
    await allUnder(next, first);
  }
});

test('during a rolling restart, who has the older key first does not undo the work', async () => {
  const plain = await insertSealedRows(db.pool, old, 5);
  await adoptKeys(db.pool, [next, old]);
  keep([next, old]);
  await allUnder(next, plain);
  const lines = keep([old, next]);
  await eventually(() => expect(lines).toMatchObject([{ key: 'old', newest: 'next' }]), patient);
  await allUnder(next, plain);
  expect(lines).toHaveLength(1);
});

test('two at once lose nothing, and the work is told of as often as it is done', async () => {
  const plain = await insertSealedRows(db.pool, old, 60);
  await adoptKeys(db.pool, [next, old]);
  const both = [keep([next, old]), keep([next, old])];
  await allUnder(next, plain);
  await eventually(() => {
    const sealed = both.flat().map((line) => Number(line['sealed'] ?? 0));
    expect(sealed.reduce((sum, one) => sum + one, 0)).toBe(plain.size);
  }, patient);
  expect(both.flat().filter(({ values }) => values === plain.size)).toHaveLength(1);
});

test('a value that can not be opened is named once, with no part of it, and left alone', async () => {
  const plain = await insertSealedRows(db.pool, old, 2);
  const { rows } = await db.pool.query<{ id: string; sealed: Buffer }>(
    `UPDATE credentials
     SET access_token = set_byte(access_token, 40, 1 + get_byte(access_token, 40) % 255)
     WHERE id = (SELECT min(id) FROM credentials) RETURNING id, access_token AS sealed`,
  );
  await adoptKeys(db.pool, [next, old]);
  const lines = keep([next, old]);
  await eventually(() => expect(lines).toHaveLength(3), patient);
  const [damaged] = rows;
  expect(lines[1]).toMatchObject({
    level: 'error',
    column: 'credentials.access_token',
    row: damaged?.id,
    code: 'tampered',
  });
  expect(lines[2]).toMatchObject({ sealed: plain.size - 1, unreadable: 1, olderKeys: ['old'] });
  // A later look finds it again: that it is silent is seen once new work has been told of.
  await insertSealedRows(db.pool, old, 1);
  await eventually(() => expect(lines).toHaveLength(5), patient);
  expect(lines[4]).toMatchObject({ sealed: plain.size / 2, unreadable: 1 });
  const kept = await db.pool.query('SELECT FROM credentials WHERE access_token = $1', [
    damaged?.sealed,
  ]);
  expect(kept.rowCount).toBe(1);
});

test('a key that nobody configured is named once, and its values stay', async () => {
  await adoptKeys(db.pool, [next]);
  await insertSealedRows(db.pool, sealingKey('lost'), 1);
  const lines = keep([next]);
  await eventually(() => expect(lines).toHaveLength(sealedColumns.length), patient);
  expect(lines[0]).toMatchObject({ level: 'error', keyId: 'lost' });
});
