import { verdictOf } from '../../../activities/drain/destination-health';
import { markDelivery } from '../../../src/db/queries/deliveries/mark-and-next';
import { PermanentError } from '../../../src/index';
import { classifyAnswer } from '../../../src/handlers/attempt-result';
import type { Handler } from '../../../src/providers/provider';
import { createDrains } from '../../support/scenes/drain';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { insertDelivery, insertIntegration } from '../../support/scenes/rows';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterEach(() => db.pool.query('DELETE FROM integrations; DELETE FROM deliveries'));
afterAll(() => db.drop());

const origin = 'handler:ours';
const rows = async () =>
  (
    await db.pool.query<{ origin: string; error: string; next: boolean; since: Date }>(
      `SELECT origin, error, since, next_attempt_at > now() AS next FROM failing_destinations`,
    )
  ).rows;
const deliver = (id: string) => insertDelivery(db.pool, { id, integration_id: 'int_1' });
/** Whatever waits may be tried now. */
const passTime = () =>
  db.pool.query(
    "UPDATE deliveries SET next_attempt_at = now() - interval '1 second' WHERE state = 'pending'",
  );

async function drains(order: 'strict' | 'none', handler: Handler) {
  await insertIntegration(db.pool, { id: 'int_1', handler: 'ours', handling_order: order });
  const drain = createDrains(db.pool, { handler });
  return () => drain('int_1');
}

test.each([
  [204, 'answers'],
  [400, 'answers'],
  [404, 'answers'],
  [302, 'answers'],
  [408, 'fails'],
  [429, 'fails'],
  [500, 'fails'],
  [503, 'fails'],
] as const)('a forward that is answered %s says that its destination %s', (status, verdict) => {
  const result = classifyAnswer({ status, retryAfter: undefined, answer: '' }, new Date());
  if (result.kind === 'token_rejected') throw new Error('not to be');
  expect(verdictOf('forward', result)).toBe(verdict);
});

const unanswered = { status: null, answer: null, error: 'x' };
const ofToken = { error: 'x', credential: 'main', version: 1 };
test.each([
  ['forward', { kind: 'retry', retryAfterMs: null, ...unanswered }, 'fails'],
  ['sync', { kind: 'retry', retryAfterMs: null, ...unanswered }, 'fails'],
  ['sync', { kind: 'failed', ...unanswered }, 'answers'],
  ['forward', { kind: 'failed', ...unanswered }, null],
  ['forward', { kind: 'aborted' }, null],
  ['forward', { kind: 'credential_dead', code: 'revoked', ...ofToken }, null],
  ['sync', { kind: 'refresh_unavailable', retryAt: null, ...ofToken }, null],
] as const)('what a %s says without an answer: %j is %s', (handler, result, verdict) => {
  expect(verdictOf(handler, result)).toBe(verdict);
});

test.each(['strict', 'none'] as const)(
  'in the order "%s" a destination fails from the first failure until the first success',
  async (order) => {
    let fault: Error | null = new Error('no such contact');
    const drain = await drains(order, () =>
      fault === null ? Promise.resolve() : Promise.reject(fault),
    );
    await deliver('dlv_1');
    // What a handler throws may quote a body, and a drain's result enters a history.
    const error = 'the handler fails: its attempts say why';
    const failing = { origin, since: expect.any(String) as string, error };
    expect(await drain()).toMatchObject({ kind: 'wait', failing });
    const [first] = await rows();
    expect(first).toMatchObject({ origin, error: 'no such contact', next: true });
    fault = new Error('still none');
    await passTime();
    expect(await drain()).toMatchObject({
      failing: { since: first?.since.toISOString(), error },
    });
    expect(await rows()).toMatchObject([{ error: 'still none', since: first?.since }]);
    // A drain that tries nothing knows it all the same.
    expect(await drain()).toMatchObject({ kind: 'wait', failing: { error } });
    fault = null;
    await passTime();
    expect(await drain()).toMatchObject({ kind: 'empty', failing: null });
    expect(await rows()).toEqual([]);
    await deliver('dlv_2');
    expect(await drain()).toEqual({ kind: 'empty', count: { delivered: 1, left: 0 } });
  },
);

test("a handler's word that one delivery is hopeless ends it; what is dead-lettered for its failures doesn't", async () => {
  let fault = new Error('away');
  const drain = await drains('strict', () => Promise.reject(fault));
  await db.pool.query('UPDATE integrations SET max_attempts = 1');
  await deliver('dlv_1');
  expect(await drain()).toMatchObject({
    kind: 'empty',
    failing: { nextAttemptAt: null },
  });
  expect(await rows()).toMatchObject([{ next: null }]);
  fault = new PermanentError('gone');
  await deliver('dlv_2');
  expect(await drain()).toMatchObject({ kind: 'empty', failing: null });
  expect(await rows()).toEqual([]);
});

test('of several in flight the earliest next attempt is known, and one success is enough', async () => {
  const drain = await drains('none', ({ id }) =>
    id === 'dlv_3' ? Promise.resolve() : Promise.reject(new Error(id)),
  );
  await deliver('dlv_1');
  await deliver('dlv_2');
  await drain();
  expect(await rows()).toMatchObject([{ origin, next: true }]);
  const { rows: earliest } = await db.pool.query(
    `SELECT f.next_attempt_at = (SELECT min(next_attempt_at) FROM deliveries) AS is
     FROM failing_destinations f`,
  );
  expect(earliest).toEqual([{ is: true }]);
  await deliver('dlv_3');
  expect(await drain()).toMatchObject({ kind: 'wait', failing: null });
  expect(await rows()).toEqual([]);
});

test('who was overtaken writes nothing of it, nor does anybody of what is being deleted; a deletion takes it along', async () => {
  const drain = await drains('strict', () => Promise.reject(new Error('away')));
  await deliver('dlv_1');
  await drain();
  const record = {
    ...{ deliveryId: 'dlv_1', integrationId: 'int_1', number: 2, counts: true },
    state: 'pending',
    ...{ waitsFor: null, durationMs: 1, status: 500, error: 'later', answer: null, delayMs: 1000 },
    destination: { kind: 'fails', origin: 'https://b.example' },
  } as const;
  expect(await markDelivery(db.pool, { ...record, fencingToken: 0 })).toBeNull();
  expect(await rows()).toMatchObject([{ origin, error: 'away' }]);
  // Another destination by now: it fails anew.
  await db.pool.query("UPDATE failing_destinations SET since = since - interval '1 hour'");
  const before = await rows();
  expect(await markDelivery(db.pool, { ...record, fencingToken: 1 })).toMatchObject({
    failing: { origin: 'https://b.example' },
  });
  expect((await rows())[0]?.since.getTime()).toBeGreaterThan(before[0]?.since.getTime() ?? 0);
  await db.pool.query(
    'DELETE FROM failing_destinations; UPDATE integrations SET deleted_at = now()',
  );
  expect(await markDelivery(db.pool, { ...record, fencingToken: 1 })).toEqual({ failing: null });
  await db.pool.query('UPDATE integrations SET deleted_at = NULL');
  await markDelivery(db.pool, { ...record, fencingToken: 1 });
  expect(await rows()).toHaveLength(1);
  await db.pool.query('DELETE FROM integrations');
  expect(await rows()).toEqual([]);
});
