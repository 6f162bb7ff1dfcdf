import { randomUUID } from 'node:crypto';
import type { PoolClient } from 'pg';
import { sha256 } from '../../../src/crypto/hash';
import { eventually } from '../../support/eventually';
import { insertDelivery } from '../../support/scenes/rows';
import { type Body, type GatewayFixture, gatewayFixture } from '../gateway-fixture';
import { sendGithub, type SentWebhook } from './github-webhook';

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture({
    providers: { types: { webhook: { scheme: 'github', eventTypePointer: '/type' } } },
  });
});
afterAll(() => gateway.close());

const connect = () => gateway.create({ provider: 'types', credentials: undefined });

const send = (to: Body, options: { id?: string; body?: string } = {}) =>
  sendGithub(gateway, `/webhooks/${to.id}`, to.webhookSecret, options);

/** Together, so that they share a statement. */
const among = async (to: Body, odd: () => Promise<SentWebhook>) => {
  const good = Array.from({ length: 10 }, () => () => send(to));
  const answers = await Promise.all([...good.slice(5), odd, ...good.slice(5)].map((one) => one()));
  return { odd: answers[5], others: answers.filter((_answer, index) => index !== 5) };
};

const taken = { status: 202, body: { outcome: 'accepted' } };

describe('what Postgres would refuse in text', () => {
  test.each([
    ['a NUL in a JSON string (22P05)', '{"type":"a\\u0000b"}', 'a\uFFFDb'],
    ['half a surrogate pair (22P02)', '{"type":"a\\ud800b"}', 'a\uFFFDb'],
    ['a NUL byte in the body (22021)', '{"type":"\0"}', null],
    ['bytes that are no UTF-8 (22021)', '{"type":"\x80"}', undefined],
    ['a type of a megabyte', `{"type":"${'x'.repeat(40_000)}"}`, 'x'.repeat(255)],
  ])('S20 %s is stored as it was sent, and so are its neighbours', async (_what, body, type) => {
    const integration = await connect();
    const { odd, others } = await among(integration, () => send(integration, { body }));
    expect(odd).toMatchObject(taken);
    for (const other of others) expect(other).toMatchObject(taken);
    const { rows } = await gateway.pool.query<{ body: Buffer; event_type: string | null }>(
      'SELECT body, event_type FROM deliveries WHERE id = $1',
      [odd?.body.id],
    );
    expect(rows[0]?.body.equals(Buffer.from(body))).toBe(true);
    if (type !== undefined) expect(rows[0]?.event_type).toBe(type);
  });

  test('S20 a key of four kilobytes (54000) is known again, and so are its neighbours', async () => {
    const integration = await connect();
    const id = 'k'.repeat(4_000);
    const { odd, others } = await among(integration, () => send(integration, { id }));
    expect(odd).toMatchObject(taken);
    for (const other of others) expect(other).toMatchObject(taken);
    expect(await send(integration, { id })).toMatchObject({
      body: { id: odd?.body.id, outcome: 'duplicate' },
    });
    const longer = await send(integration, { id: `${id}x` });
    expect(longer).toMatchObject(taken);
  });
});

describe('what happens to an integration in that moment', () => {
  async function inTransaction(work: (client: PoolClient) => Promise<void>): Promise<void> {
    const client = await gateway.pool.connect();
    try {
      await client.query('BEGIN');
      await work(client);
    } finally {
      client.release();
    }
  }

  const someoneWaits = () =>
    eventually(async () => {
      const { rowCount } = await gateway.pool.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      expect(rowCount).toBeGreaterThan(0);
    });

  test('S20 deleted while its webhook waits (23503): it is 404, and its neighbours are stored', async () => {
    const [gone, stays] = [await connect(), await connect()];
    // So that nobody finds out before the rows are locked.
    await Promise.all([send(gone), send(stays)]);
    let answers: Promise<SentWebhook[]> = Promise.resolve([]);
    await inTransaction(async (client) => {
      await client.query('DELETE FROM integrations WHERE id = $1', [gone.id]);
      answers = Promise.all([send(gone), send(stays), send(gone), send(stays)]);
      await someoneWaits();
      await client.query('COMMIT');
    });
    const statuses = (await answers).map(({ status }) => status);
    expect(statuses).toEqual([404, 202, 404, 202]);
  });

  test('S20 a deadlock (40P01) is nobody’s failure: all are tried again, one by one', async () => {
    const [one, other] = [await connect(), await connect()];
    await Promise.all([send(one), send(other)]);
    // Locks the two rows in the other order than a batch does.
    const [low, high] = [one.id, other.id].sort();
    let answers: Promise<SentWebhook[]> = Promise.resolve([]);
    await inTransaction(async (client) => {
      await client.query(`SET LOCAL deadlock_timeout = '20s'`);
      await client.query('SELECT FROM integrations WHERE id = $1 FOR UPDATE', [high]);
      answers = Promise.all([send(one), send(other), send(one), send(other)]);
      await someoneWaits();
      // The gateway's statement holds the lower one by now, and is the one that finds the deadlock.
      await client.query('SELECT FROM integrations WHERE id = $1 FOR UPDATE', [low]);
      await client.query('COMMIT');
    });
    expect((await answers).map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    // Else the test has shown nothing.
    await eventually(async () => {
      const { rows } = await gateway.pool.query<{ deadlocks: number }>(
        'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()',
      );
      expect(rows[0]?.deadlocks).toBeGreaterThan(0);
    });
  });

  /** A repeat of what another gateway has inserted under this id, and ends only once the repeat waits for it. */
  async function repeatDuring(id: string, end: 'COMMIT' | 'ROLLBACK') {
    const integration = await connect();
    await send(integration);
    const key = randomUUID();
    let answer: Promise<SentWebhook> | undefined;
    await inTransaction(async (client) => {
      const same = { integration_id: integration.id, dedupe_hash: sha256(key) };
      await insertDelivery(client, { id, claim: id, ...same });
      answer = send(integration, { id: key });
      await someoneWaits();
      await client.query(end);
    });
    return answer;
  }

  test('S16 a repeat while the first is not yet committed waits for it, and is not told that all is well if that fails', async () => {
    const answer = await repeatDuring('dlv_other', 'ROLLBACK');
    expect(answer).toMatchObject(taken);
    expect(answer?.body.id).not.toBe('dlv_other');
  });

  test('S16 a repeat while the first commits is its duplicate, never lost between two statements', async () => {
    const answer = await repeatDuring('dlv_first', 'COMMIT');
    expect(answer).toMatchObject({ body: { id: 'dlv_first', outcome: 'duplicate' } });
  });

  test('S16 one key many times in one batch (21000) is one row', async () => {
    const integration = await connect();
    const id = randomUUID();
    const answers = await Promise.all(Array.from({ length: 30 }, () => send(integration, { id })));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ body }) => body.outcome === 'accepted')).toHaveLength(1);
  });
});
