import type { ServerResponse } from 'node:http';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { eventually } from '../../support/eventually';
import { freePort } from '../../support/processes/free-port';
import {
  type NoticeReceiver,
  startNoticeReceiver,
} from '../../support/doubles/notification-receiver';
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

const skipping = { notifySkipRecovered: true };
const answer = (status: number) => receiver.answer((response) => response.writeHead(status).end());
const outcomes = async (id: string) => (await outbox.rows(id)).map(({ outcome }) => outcome);

async function withDeath(): Promise<string> {
  const id = await outbox.integration();
  await outbox.move(id, 'ERROR');
  return id;
}

test('a death that was not delivered before the recovery is dropped with it, and what is between them is told', async () => {
  const id = await withDeath();
  await outbox.fail(id);
  await outbox.move(id, 'ENABLED');
  await outbox.send(id, skipping);
  expect(outbox.told(id)).toEqual(['delivery.failed 1']);
  expect(await outcomes(id)).toEqual(['skipped', 'delivered', 'skipped']);
});

test('the setting off tells both', async () => {
  const id = await withDeath();
  await outbox.move(id, 'ENABLED');
  await outbox.send(id);
  expect(outbox.told(id)).toEqual(['integration.error 1', 'integration.recovered 2']);
});

test('dead, alive and dead again: the second death is told, and later its recovery', async () => {
  const id = await withDeath();
  await outbox.move(id, 'ENABLED');
  await outbox.move(id, 'ERROR');
  await outbox.send(id, skipping);
  expect(outbox.told(id)).toEqual(['integration.error 3']);
  await outbox.move(id, 'ENABLED');
  await outbox.send(id, skipping);
  expect(outbox.told(id)).toEqual(['integration.error 3', 'integration.recovered 4']);
});

test('a delivered death never loses its recovery, whatever comes after', async () => {
  const id = await withDeath();
  await outbox.send(id, skipping);
  for (const to of ['ENABLED', 'ERROR', 'ENABLED'] as const) await outbox.move(id, to);
  await outbox.send(id, skipping);
  expect(outbox.told(id)).toEqual(['integration.error 1', 'integration.recovered 2']);
});

test('a recovery that comes while its death is under way waits for the answer: taken, both are told', async () => {
  const id = await withDeath();
  const held: ServerResponse[] = [];
  receiver.answer((response) => void held.push(response));
  const sending = outbox.send(id, skipping);
  await eventually(() => expect(held).toHaveLength(1));
  await outbox.move(id, 'ENABLED');
  // Another run looks meanwhile.
  await outbox.send(id, skipping);
  expect(await outcomes(id)).toEqual([null, null]);
  answer(204);
  held[0]?.writeHead(204).end();
  await sending;
  expect(outbox.told(id)).toEqual(['integration.error 1', 'integration.recovered 2']);
});

test('a recovery that comes while its death is under way waits for the answer: refused, neither is told', async () => {
  const id = await withDeath();
  const held: ServerResponse[] = [];
  receiver.answer((response) => void held.push(response));
  const sending = outbox.send(id, skipping);
  await eventually(() => expect(held).toHaveLength(1));
  await outbox.move(id, 'ENABLED');
  answer(204);
  held[0]?.writeHead(503).end();
  expect(await sending).toEqual({ retryAt: null });
  expect(await outcomes(id)).toEqual(['skipped', 'skipped']);
  expect(receiver.attempts).toHaveLength(1);
});

test.each([
  ['hung up on', (response: ServerResponse) => void response.destroy()],
  [
    'answered by a proxy in place of the receiver',
    (response: ServerResponse) => void response.writeHead(504).end(),
  ],
])('a death that was %s may have arrived: both are told', async (_what, behave) => {
  const id = await withDeath();
  receiver.answer(behave);
  await outbox.send(id, skipping);
  await outbox.move(id, 'ENABLED');
  // An answer to a later attempt says nothing about that one.
  answer(503);
  await outbox.pass(id, 1);
  await outbox.send(id, skipping);
  answer(204);
  await outbox.pass(id, 1);
  await outbox.send(id, skipping);
  expect(outbox.told(id)).toEqual(['integration.error 1', 'integration.recovered 2']);
});

test('a death whose worker died over it may have arrived: both are told', async () => {
  const id = await withDeath();
  await db.pool.query(
    "UPDATE notices SET attempts = 1, claimed_until = now() + interval '10 s' WHERE stream = $1",
    [id],
  );
  await outbox.move(id, 'ENABLED');
  await outbox.send(id, skipping);
  expect(await outcomes(id)).toEqual([null, null]);
  await outbox.pass(id, 1);
  await outbox.send(id, skipping);
  expect(outbox.told(id)).toEqual(['integration.error 1', 'integration.recovered 2']);
});

test('a death that found no connection, or was given up, takes its recovery with it', async () => {
  const away = { notifyUrl: `http://127.0.0.1:${await freePort()}/`, ...skipping };
  const [unsent, old] = [await withDeath(), await withDeath()];
  await outbox.send(unsent, away);
  await outbox.keepCode(unsent);
  await outbox.move(unsent, 'ENABLED');
  await outbox.send(unsent, skipping);
  expect(await outcomes(unsent)).toEqual(['skipped', 'skipped']);
  expect(await outbox.rows(unsent)).toMatchObject([{ hasCode: false }, { hasCode: false }]);

  await outbox.send(old, away);
  await outbox.pass(old, 80);
  await outbox.send(old, skipping);
  await outbox.move(old, 'ENABLED');
  await outbox.send(old, skipping);
  expect(await outcomes(old)).toEqual(['given_up', 'skipped']);
  expect(receiver.attempts).toEqual([]);
});

test('a recovery whose death’s row is gone is told', async () => {
  const id = await withDeath();
  await outbox.send(id, skipping);
  await db.pool.query('DELETE FROM notices WHERE stream = $1', [id]);
  await outbox.move(id, 'ENABLED');
  await outbox.send(id, skipping);
  expect(outbox.told(id)).toEqual(['integration.error 1', 'integration.recovered 2']);
});

test('many runs, deaths and recoveries at once: each recovery is told if and only if its death was', async () => {
  const ids = await Promise.all(Array.from({ length: 10 }, () => outbox.integration()));
  receiver.answer((response) => response.writeHead(Math.random() < 0.5 ? 503 : 204).end());
  // Of one stream only: two that took the rows of all in different orders would wait for one another.
  const soon = (id: string) =>
    db.pool.query(
      'UPDATE notices SET next_attempt_at = now() WHERE stream = $1 AND ended_at IS NULL',
      [id],
    );
  await Promise.all(
    ids.map(async (id) => {
      for (let round = 0; round < 4; round += 1) {
        await Promise.all([outbox.move(id, 'ERROR'), outbox.send(id, skipping)]);
        await Promise.all([outbox.send(id, skipping), outbox.move(id, 'ENABLED')]);
        await soon(id);
      }
    }),
  );
  answer(204);
  await eventually(async () => {
    for (const id of ids) {
      await soon(id);
      expect(await outbox.send(id, skipping)).toEqual({ retryAt: null });
    }
  });
  const told = ids.flatMap((id) => {
    const transitions = outbox.told(id).map((text) => Number(text.split(' ')[1]));
    expect(transitions).toEqual([...transitions].sort((a, b) => a - b));
    for (const one of transitions) expect(transitions).toContain(one % 2 === 1 ? one + 1 : one - 1);
    return transitions;
  });
  expect(told.length).toBeGreaterThan(0);
  expect(told.length).toBeLessThan(80);
}, 60_000);
