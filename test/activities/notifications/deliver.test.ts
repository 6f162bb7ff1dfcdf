import type { ServerResponse } from 'node:http';
import { sha256 } from '../../../src/crypto/hash';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { eventually } from '../../support/eventually';
import { freePort } from '../../support/processes/free-port';
import { whileShut } from '../../support/gate';
import {
  type NoticeReceiver,
  startNoticeReceiver,
} from '../../support/doubles/notification-receiver';
import { insertCredential, linkCredential } from '../../support/scenes/rows';
import { noticeRows } from './notification-rows';

let db: TestDatabase;
let receiver: NoticeReceiver;
let outbox: ReturnType<typeof noticeRows>;
beforeAll(async () => {
  db = await testDatabase();
});
beforeEach(async () => {
  receiver = await startNoticeReceiver();
  outbox = noticeRows(db.pool, receiver);
});
afterEach(() => receiver.close());
afterAll(() => db.drop());

const answer = (status: number, headers = {}) =>
  receiver.answer((response) => response.writeHead(status, headers).end());
const linesOf = (text: string) => outbox.lines.filter((line) => line.includes(text));

async function withDeath(): Promise<string> {
  const id = await outbox.integration();
  await outbox.move(id, 'ERROR');
  return id;
}

test('S50 a notice that is not taken holds those behind it, and no other integration’s', async () => {
  const [held, free] = [await withDeath(), await withDeath()];
  await outbox.fail(held);
  await outbox.move(held, 'ENABLED');
  receiver.answer((response, { notice }) =>
    response.writeHead(notice.data['integrationId'] === held ? 500 : 204).end(),
  );
  const { retryAt } = await outbox.send(held);
  expect(Date.parse(retryAt ?? '')).toBeGreaterThan(Date.now());
  expect(await outbox.send(free)).toEqual({ retryAt: null });
  expect(receiver.attempts).toHaveLength(2);
  // Not before its time.
  await outbox.send(held);
  expect(receiver.attempts).toHaveLength(2);

  answer(204);
  await outbox.pass(held, 1);
  expect(await outbox.send(held)).toEqual({ retryAt: null });
  const expected = ['integration.error 1', 'delivery.failed 1', 'integration.recovered 2'];
  expect(outbox.told(held)).toEqual(expected);
  expect(receiver.attempts.every(({ verified }) => verified)).toBe(true);
  const deaths = receiver.attempts.filter(({ notice: { data } }) => data['integrationId'] === held);
  expect(deaths[1]).toMatchObject({ id: deaths[0]?.id, notice: { type: 'integration.error' } });
  expect(new Set(deaths.map(({ id }) => id)).size).toBe(3);
  expect((await outbox.rows(held))[0]).toMatchObject({ outcome: 'delivered', attempts: 2 });
});

test('S50 every failure but a 410 is tried again, and not before the receiver’s Retry-After', async () => {
  const id = await withDeath();
  for (const status of [301, 400, 401, 404, 429, 500, 503]) {
    answer(status, { location: `${receiver.config.notifyUrl}/elsewhere`, 'retry-after': '7200' });
    const before = receiver.attempts.length;
    await outbox.send(id);
    expect(receiver.attempts).toHaveLength(before + 1);
    const [row] = await outbox.rows(id);
    expect(row).toMatchObject({ outcome: null, error: `the receiver answered ${status}` });
    expect(row?.waitMs).toBeGreaterThan(7_100_000);
    await outbox.pass(id, 3);
  }
  answer(410);
  await outbox.fail(id);
  await outbox.move(id, 'ENABLED');
  receiver.answer((response, { notice }) =>
    response.writeHead(notice.type === 'integration.error' ? 410 : 204).end(),
  );
  await outbox.send(id);
  const outcomes = (await outbox.rows(id)).map(({ outcome }) => outcome);
  expect(outcomes).toEqual(['refused', 'delivered', 'delivered']);
  expect(linesOf('notification.rejected')).toHaveLength(1);
});

test('S50 after three days a notice is given up, in the log and in its row; what only waited behind it is tried once', async () => {
  const id = await withDeath();
  await outbox.move(id, 'ENABLED');
  answer(503);
  await outbox.send(id);
  await outbox.pass(id, 71);
  await outbox.send(id);
  expect(await outbox.rows(id)).toMatchObject([{ outcome: null, attempts: 2 }, { outcome: null }]);
  expect(linesOf('notification.expired')).toEqual([]);

  answer(204);
  await outbox.pass(id, 2);
  await outbox.send(id);
  expect(await outbox.rows(id)).toMatchObject([
    { outcome: 'given_up', error: 'the receiver answered 503', attempts: 2 },
    { outcome: 'delivered' },
  ]);
  expect(linesOf('notification.expired')).toHaveLength(1);
  expect(outbox.told(id)).toEqual(['integration.recovered 2']);
});

test('S50 news that is weeks old is not told, also where it was never tried', async () => {
  const id = await withDeath();
  await outbox.pass(id, 24 * 14);
  await outbox.move(id, 'ENABLED');
  expect(await outbox.send(id)).toEqual({ retryAt: null });
  expect(outbox.told(id)).toEqual(['integration.recovered 2']);
  expect(await outbox.rows(id)).toMatchObject([{ outcome: 'given_up', attempts: 0 }, {}]);
});

test('S50 without an address nothing waits, and what was not told is not told later', async () => {
  const id = await withDeath();
  const none = { notifyUrl: undefined, notifySecret: undefined };
  await outbox.keepCode(id);
  expect(await outbox.send(id, none)).toEqual({ retryAt: null });
  expect(await outbox.rows(id)).toMatchObject([
    { outcome: 'not_configured', attempts: 0, hasCode: false },
  ]);
  await outbox.send(id);
  expect(receiver.attempts).toEqual([]);
});

test('what the receiver answered counts, however long its body takes', async () => {
  const id = await withDeath();
  receiver.answer((response) => response.writeHead(200).write('…'));
  await outbox.send(id);
  expect(await outbox.rows(id)).toMatchObject([{ outcome: 'delivered', attempts: 1 }]);
});

test('S50 a repeat after a worker that died between the answer and its mark has the same id, and waits for that worker’s time', async () => {
  const id = await withDeath();
  await outbox.send(id);
  // As it was before the mark.
  await db.pool.query(
    `UPDATE notices SET ended_at = NULL, outcome = NULL, claimed_until = now() + interval '12 s'
     WHERE stream = $1`,
    [id],
  );
  const { retryAt } = await outbox.send(id);
  expect(Date.parse(retryAt ?? '')).toBeGreaterThan(Date.now() + 5_000);
  expect(receiver.attempts).toHaveLength(1);
  await outbox.pass(id, 1);
  expect(await outbox.send(id)).toEqual({ retryAt: null });
  expect(receiver.attempts[1]?.id).toBe(receiver.attempts[0]?.id);
  expect(await outbox.rows(id)).toMatchObject([{ attempts: 2, mayHaveArrived: true }]);
});

test('S50 two runs at once send nothing twice and nothing out of order', async () => {
  const id = await withDeath();
  await outbox.move(id, 'ENABLED');
  const held: ServerResponse[] = [];
  receiver.answer((response) => void held.push(response));
  const first = outbox.send(id);
  await eventually(() => expect(held).toHaveLength(1));
  const others = await Promise.all([outbox.send(id), outbox.send(id)]);
  expect(others.every(({ retryAt }) => retryAt !== null)).toBe(true);
  answer(204);
  held[0]?.writeHead(204).end();
  await first;
  expect(outbox.told(id)).toEqual(['integration.error 1', 'integration.recovered 2']);
});

test('S50 of two runs that have read the same notification one sends it', async () => {
  const id = await withDeath();
  let runs: Promise<unknown>[] = [];
  await whileShut(
    { pool: db.pool, where: 'BEFORE UPDATE ON notices FOR EACH ROW' },
    async (reached) => {
      runs = [outbox.send(id), outbox.send(id)];
      await reached();
      // One stands at the gate with the row, the other before the row.
      await eventually(async () => {
        const { rows } = await db.pool.query<{ waiting: number }>(
          `SELECT count(*)::int AS waiting FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'UPDATE notices%'`,
        );
        expect(rows).toEqual([{ waiting: 2 }]);
      });
    },
  );
  await Promise.all(runs);
  expect(receiver.attempts).toHaveLength(1);
  expect(await outbox.rows(id)).toMatchObject([{ outcome: 'delivered', attempts: 1 }]);
});

test('S50 an attempt that was overtaken writes nothing', async () => {
  const id = await withDeath();
  const held: ServerResponse[] = [];
  receiver.answer((response) => void held.push(response));
  const first = outbox.send(id);
  await eventually(() => expect(held).toHaveLength(1));
  await outbox.pass(id, 1);
  const second = outbox.send(id);
  await eventually(() => expect(held).toHaveLength(2));
  held[0]?.writeHead(204).end();
  expect(await first).not.toEqual({ retryAt: null });
  expect(await outbox.rows(id)).toMatchObject([{ outcome: null, attempts: 2 }]);
  held[1]?.writeHead(204).end();
  await second;
  expect(await outbox.rows(id)).toMatchObject([{ outcome: 'delivered', attempts: 2 }]);
});

test('a run that is to stop begins no other notice', async () => {
  const id = await withDeath();
  const { retryAt } = await outbox.send(id, { stopping: AbortSignal.abort() });
  expect(retryAt).not.toBeNull();
  expect(receiver.attempts).toEqual([]);
});

test('days of a receiver that is away are no flood of lines', async () => {
  const id = await withDeath();
  const notifyUrl = `http://127.0.0.1:${await freePort()}/`;
  for (let attempt = 0; attempt < 20; attempt += 1) {
    await outbox.send(id, { notifyUrl });
    await outbox.pass(id, 1);
  }
  expect(await outbox.rows(id)).toMatchObject([{ attempts: 20, mayHaveArrived: false }]);
  const levels = linesOf('notification.postponed').map(
    (line) => (JSON.parse(line) as { level: unknown }).level,
  );
  expect(levels.filter((level) => level === levels[0])).toHaveLength(5);
  expect(levels).toHaveLength(20);
});

describe('an address to reconnect by', () => {
  /** An integration that is dead, with an account or none. @returns its id */
  async function dead(credential: { account_id?: string } = {}, provider = 'acme') {
    const id = await outbox.integration(provider);
    const fields = { provider, state: 'dead', code: 'invalid_grant', ...credential } as const;
    const credentialId = await insertCredential(db.pool, fields);
    await linkCredential(db.pool, { integration_id: id, credential_id: credentialId });
    await outbox.move(id, 'ERROR');
    return id;
  }
  const codes = { reconnectCodes: true };
  const urls = () => receiver.attempts.map(({ notice }) => String(notice.data['reconnectUrl']));
  const stored = async (id: string) =>
    (
      await db.pool.query<{ hash: Buffer; days: number }>(
        `SELECT code_hash AS hash, extract(epoch FROM expires_at - now()) / 86400 AS days
         FROM reconnect_codes WHERE integration_id = $1`,
        [id],
      )
    ).rows;

  test('S50 has one code for all attempts, of which the rows keep a hash, and an encrypted copy until it is taken', async () => {
    const id = await dead({ account_id: 'acct_1' });
    answer(503);
    await outbox.send(id, codes);
    const sealed = async () =>
      (
        await db.pool.query<{ id: string; payload: string; code: Buffer | null }>(
          'SELECT id, payload, reconnect_code AS code FROM notices WHERE stream = $1',
          [id],
        )
      ).rows[0];
    const waiting = await sealed();
    const code = new URL(urls()[0] ?? '').searchParams.get('code') ?? '';
    expect(urls()[0]).toBe(`http://holdfast.test/reconnect/${id}?code=${code}`);
    expect(waiting?.payload).not.toContain(code);
    expect(
      outbox.envelope.open(
        waiting?.code ?? Buffer.alloc(0),
        `notices.reconnect_code:${waiting?.id ?? ''}`,
      ),
    ).toBe(code);
    const [row, ...others] = await stored(id);
    expect([row?.hash, others]).toEqual([sha256(code), []]);
    expect(Number(row?.days)).toBeGreaterThan(6.9);
    expect(Number(row?.days)).toBeLessThanOrEqual(7);

    answer(204);
    await outbox.pass(id, 1);
    await outbox.send(id, codes);
    expect(receiver.attempts[1]).toMatchObject({ id: receiver.attempts[0]?.id, verified: true });
    expect(receiver.attempts[1]?.notice).toEqual(receiver.attempts[0]?.notice);
    expect(receiver.attempts[1]?.notice.data).toMatchObject({ metadata: { plan: 'gold' } });
    expect(await stored(id)).toHaveLength(1);
    expect(await sealed()).toMatchObject({ code: null });
    expect(outbox.lines.join('')).not.toContain(code);
  });

  test.each([
    ['no account is stored yet', () => dead(), codes],
    ['its provider never says whose tokens are', () => dead({ account_id: 'a' }, 'mute'), codes],
    ['people are signed in elsewhere', () => dead({ account_id: 'a' }), {}],
  ])('has none where %s', async (_where, make, settings) => {
    const id = await make();
    await outbox.send(id, settings);
    expect(urls()).toEqual([`http://holdfast.test/reconnect/${id}`]);
    expect(await stored(id)).toEqual([]);
  });

  test('has one for a credential that ends soon, by its name, and none where nobody has to act', async () => {
    const id = await outbox.integration();
    for (const name of ['main', 'backup']) {
      const credentialId = await insertCredential(db.pool, { account_id: name });
      await linkCredential(db.pool, { integration_id: id, credential_id: credentialId, name });
    }
    for (const type of ['credential.expiring', 'credential.degraded'] as const) {
      await outbox.tell(id, type, { credential: { name: 'backup' } });
    }
    await outbox.move(id, 'ENABLED');
    await outbox.send(id, codes);
    const plain = `http://holdfast.test/reconnect/${id}`;
    expect(urls()).toEqual([expect.stringContaining(`${plain}?code=`), plain, plain]);
    const { rows } = await db.pool.query(
      'SELECT credential_name FROM reconnect_codes WHERE integration_id = $1',
      [id],
    );
    expect(rows).toEqual([{ credential_name: 'backup' }]);
  });
});
