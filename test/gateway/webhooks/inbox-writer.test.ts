import { randomBytes, randomUUID } from 'node:crypto';
import type { AcceptResult, NewDelivery } from '../../../src/db/queries/deliveries/new-delivery';
import { createInboxWriter } from '../../../src/gateway/webhooks/inbox-writer';
import { newId } from '../../../src/lib/ids';
import { sha256 } from '../../../src/crypto/hash';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { insertHold, insertIntegration } from '../../support/scenes/rows';

const options = {
  ...{ keepLimit: 100_000, keepLimitBytes: 2 ** 30 },
  storedBytes: {
    ...{ add: () => undefined, reports: () => ({ underWay: randomUUID(), next: randomUUID() }) },
    unreported: () => ({ waiting: 0, underWay: 0 }),
  },
};

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

/** The answer's id; what is gone or full has none. */
const idOf = (answer: AcceptResult | undefined) =>
  typeof answer === 'object' ? answer.id : undefined;

const delivery = (integrationId: string, fields: Partial<NewDelivery> = {}): NewDelivery => ({
  id: newId('dlv'),
  integrationId,
  position: 0,
  dedupeHash: sha256(randomBytes(16)),
  dedupeKey: 'key',
  eventType: null,
  headers: '[]',
  body: randomBytes(100),
  refusable: true,
  ...fields,
});

describe('the inbox writer', () => {
  test('requests in flight together share a statement, and every byte is its own row’s', async () => {
    const id = await insertIntegration(db.pool);
    const { write } = createInboxWriter(db.pool, options);
    const before = await commits();
    const sent = Array.from({ length: 150 }, (_, index) =>
      delivery(id, { body: randomBytes(index * 7) }),
    );
    const answers = await Promise.all(sent.map(write));
    expect(answers).toEqual(sent.map((one) => ({ id: one.id, outcome: 'accepted' })));
    const { rows } = await db.pool.query<{ id: string; body: Buffer }>(
      'SELECT id, body FROM deliveries WHERE integration_id = $1 ORDER BY sequence',
      [id],
    );
    expect(rows).toEqual(sent.map((one) => ({ id: one.id, body: one.body })));
    expect((await commits()) - before).toBeLessThan(20);
  });

  test('the events of one request share a statement, however many they are, and so keep their order', async () => {
    const [id, other] = [await insertIntegration(db.pool), await insertIntegration(db.pool)];
    const { write } = createInboxWriter(db.pool, options);
    const before = Array.from({ length: 150 }, () => delivery(other));
    const sent = Array.from({ length: 600 }, (_, position) => delivery(id, { position }));
    await Promise.all([...before, ...sent, delivery(other)].map(write));
    const { rows } = await db.pool.query<{ id: string; xmin: string }>(
      'SELECT id, xmin::text FROM deliveries WHERE integration_id = $1 ORDER BY sequence, position',
      [id],
    );
    expect(rows.map((row) => row.id)).toEqual(sent.map((one) => one.id));
    expect(new Set(rows.map(({ xmin }) => xmin)).size).toBe(1);
  });

  test.each([
    ['a NUL in text (22021)', { headers: '["\0"]' }],
    ['a key of the wrong size (23514)', { dedupeHash: Buffer.alloc(5) }],
    ['an id that is taken (23505)', { id: 'dlv_taken' }],
  ])(
    'S20 a row that Postgres refuses, %s, is not its neighbours’ failure',
    async (_name, fault) => {
      const id = await insertIntegration(db.pool);
      const { write } = createInboxWriter(db.pool, options);
      if ('id' in fault) await write(delivery(id, fault));
      const sent = Array.from({ length: 20 }, (_, index) => delivery(id, index === 7 ? fault : {}));
      const outcomes = await Promise.allSettled(sent.map(write));
      expect(outcomes.map(({ status }) => status)).toEqual(
        sent.map((_one, index) => (index === 7 ? 'rejected' : 'fulfilled')),
      );
    },
  );

  test('S20 an integration that is deleted in that moment is gone for its own webhooks only', async () => {
    const [gone, stays] = [newId('int'), await insertIntegration(db.pool)];
    const { write } = createInboxWriter(db.pool, options);
    const answers = await Promise.all([write(delivery(gone)), write(delivery(stays))]);
    expect(answers).toMatchObject(['integration_gone', { outcome: 'accepted' }]);
  });

  test('S16 two gateways with the same keys in opposite orders: no deadlock, one row each', async () => {
    const id = await insertIntegration(db.pool);
    const [one, two] = [createInboxWriter(db.pool, options), createInboxWriter(db.pool, options)];
    for (let round = 0; round < 20; round++) {
      const keys = Array.from({ length: 40 }, () => sha256(randomBytes(16)));
      const send = (writer: typeof one, order: Buffer[]) =>
        Promise.all(order.map((dedupeHash) => writer.write(delivery(id, { dedupeHash }))));
      const [first, second] = await Promise.all([send(one, keys), send(two, [...keys].reverse())]);
      const accepted = [...first, ...second].filter(
        (answer) => typeof answer === 'object' && answer.outcome === 'accepted',
      );
      expect(accepted).toHaveLength(40);
      expect(second.map(idOf)).toEqual(first.map(idOf).reverse());
    }
  });

  test('S16 repeats in flight together share the statement of their first, and its answer', async () => {
    const [id, off] = [
      await insertIntegration(db.pool),
      await insertIntegration(db.pool, { status: 'DISABLED' }),
    ];
    await db.pool.query("UPDATE integrations SET when_disabled = 'discard' WHERE id = $1", [off]);
    const { write } = createInboxWriter(db.pool, options);
    const dedupeHash = sha256('one');
    const before = await commits();
    const send = (integrationId: string) =>
      Promise.all(Array.from({ length: 60 }, () => write(delivery(integrationId, { dedupeHash }))));
    const [answers, discarded] = await Promise.all([send(id), send(off)]);
    const duplicate = { id: idOf(answers[0]), outcome: 'duplicate' };
    expect(answers).toEqual([
      { ...duplicate, outcome: 'accepted' },
      ...Array.from({ length: 59 }, () => duplicate),
    ]);
    expect(discarded).toEqual(
      Array.from({ length: 60 }, () => ({ id: idOf(discarded[0]), outcome: 'discarded' })),
    );
    expect((await commits()) - before).toBeLessThan(20);
  });

  test('S20 repeats of a row that Postgres refuses fail with it, and nobody else does', async () => {
    const id = await insertIntegration(db.pool);
    const { write } = createInboxWriter(db.pool, options);
    const fault = { dedupeHash: sha256('fault'), headers: '["\0"]' };
    const sent = [fault, {}, fault, {}, { ...fault, headers: '[]' }].map((one) =>
      delivery(id, one),
    );
    const outcomes = await Promise.allSettled(sent.map(write));
    expect(outcomes.map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
    ]);
  });

  test('S23 rows are numbered in the order in which they came, not in that of their keys', async () => {
    const id = await insertIntegration(db.pool);
    const { write } = createInboxWriter(db.pool, options);
    const descending = Array.from({ length: 50 }, (_, index) => Buffer.alloc(32, 255 - index));
    const sent = descending.map((dedupeHash) => delivery(id, { dedupeHash }));
    await Promise.all(sent.map(write));
    const { rows } = await db.pool.query<{ id: string }>(
      'SELECT id FROM deliveries WHERE integration_id = $1 ORDER BY sequence',
      [id],
    );
    expect(rows.map((row) => row.id)).toEqual(sent.map((one) => one.id));
  });

  test('S21 a row that says parked is committed before the transition that has to see it', async () => {
    const id = await insertIntegration(db.pool, { status: 'ERROR' });
    const { write } = createInboxWriter(db.pool, options);
    const client = await db.pool.connect();
    await client.query('BEGIN');
    await client.query("UPDATE integrations SET status = 'ENABLED' WHERE id = $1", [id]);
    const waiting = write(delivery(id));
    const lock = await waitingForLock();
    await client.query('COMMIT');
    client.release();
    expect(lock).toBe(true);
    // It waited for the transition, and was told the status that holds now.
    expect(await waiting).toMatchObject({ outcome: 'accepted' });
  });

  test('S21 a row that says parked for a hold is committed before the release that has to see it', async () => {
    const id = await insertIntegration(db.pool);
    const { write } = createInboxWriter(db.pool, options);
    await insertHold(db.pool, { user_id: 'user-1', by: 'operator', reason: 'test' });
    expect(await write(delivery(id))).toMatchObject({ outcome: 'parked' });
    const client = await db.pool.connect();
    await client.query('BEGIN');
    await client.query('DELETE FROM holds');
    const waiting = write(delivery(id));
    const lock = await waitingForLock();
    await client.query('COMMIT');
    client.release();
    expect(lock).toBe(true);
    expect(await waiting).toMatchObject({ outcome: 'accepted' });
  });
});

const commits = async () => {
  await db.pool.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await db.pool.query<{ commits: number }>(
    'SELECT xact_commit::int AS commits FROM pg_stat_database WHERE datname = current_database()',
  );
  return rows[0]?.commits ?? 0;
};

async function waitingForLock(): Promise<boolean> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const { rows } = await db.pool.query<{ count: number }>(
      `SELECT count(*)::int FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if ((rows[0]?.count ?? 0) > 0) return true;
  }
  return false;
}
