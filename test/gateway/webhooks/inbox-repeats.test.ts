import { randomBytes, randomUUID } from 'node:crypto';
import type { AcceptResult, NewDelivery } from '../../../src/db/queries/deliveries/new-delivery';
import { createInboxWriter } from '../../../src/gateway/webhooks/inbox-writer';
import { newId } from '../../../src/lib/ids';
import { sha256 } from '../../../src/crypto/hash';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { insertIntegration } from '../../support/scenes/rows';

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

test.each([
  ['expired', 'ENABLED', 'accepted', 'pending', 'again'],
  ['failed', 'ENABLED', 'accepted', 'pending', 'first'],
  ['failed', 'DISABLED', 'discarded', 'failed', 'first'],
  ['discarded', 'DISABLED', 'discarded', 'discarded', 'first'],
] as const)(
  'S16 a repeat of what %s, where the integration is %s, is %s: then it is %s, as it came %s',
  async (state, status, outcome, becomes, came) => {
    const id = await insertIntegration(db.pool, { status });
    const { write } = createInboxWriter(db.pool, options);
    const dedupeHash = sha256(randomBytes(16));
    const parts = (text: string) => ({ headers: `[["x","${text}"]]`, body: Buffer.from(text) });
    const first = await write(delivery(id, { dedupeHash, ...parts('first') }));
    await db.pool.query(
      `UPDATE deliveries SET state = $2, error = 'why', ended_at = now() WHERE id = $1`,
      [idOf(first), state],
    );
    const again = await write(delivery(id, { dedupeHash, ...parts('again') }));
    expect(again).toEqual({ id: idOf(first), outcome });
    const { rows } = await db.pool.query(
      'SELECT state, headers, body, error FROM deliveries WHERE integration_id = $1',
      [id],
    );
    const error = becomes === 'failed' ? 'why' : null;
    expect(rows).toEqual([{ state: becomes, error, ...parts(came) }]);
  },
);

test.each([
  ['expired', 'accepted', 'again', 5],
  ['discarded', 'accepted', 'again', 20],
  ['handled', 'duplicate', '', null],
] as const)(
  'S16 a repeat of what is %s and lost its body is %s, and what that adds is counted',
  async (state, outcome, body, added) => {
    const id = await insertIntegration(db.pool);
    const counted: number[] = [];
    const add = (_id: string, bytes: number) => void counted.push(bytes);
    const storedBytes = { ...options.storedBytes, add };
    const { write } = createInboxWriter(db.pool, { ...options, storedBytes });
    const dedupeHash = sha256(randomBytes(16));
    const parts = (text: string) => ({ headers: `[["x","${text}"]]`, body: Buffer.from(text) });
    const first = await write(delivery(id, { dedupeHash, ...parts('first') }));
    await db.pool.query(
      `UPDATE deliveries SET state = $2::text, ended_at = now(), body = '',
              headers = CASE $2::text WHEN 'expired' THEN headers ELSE '' END WHERE id = $1`,
      [idOf(first), state],
    );
    const again = await write(delivery(id, { dedupeHash, ...parts('again') }));
    expect(again).toEqual({ id: idOf(first), outcome });
    const { rows } = await db.pool.query('SELECT body FROM deliveries WHERE integration_id = $1', [
      id,
    ]);
    expect(rows).toEqual([{ body: Buffer.from(body) }]);
    // A dead letter that is sent again adds nothing: it has its first body.
    await db.pool.query(`UPDATE deliveries SET state = 'failed', ended_at = now()`);
    await write(delivery(id, { dedupeHash, ...parts('once more') }));
    expect(counted).toEqual([20, ...(added === null ? [] : [added]), 0]);
  },
);
