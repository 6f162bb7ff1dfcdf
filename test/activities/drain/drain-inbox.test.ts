import { randomBytes } from 'node:crypto';
import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { Agent } from 'undici';
import { createDrainInbox } from '../../../activities/drain/drain-inbox';
import { createEnvelope } from '../../../src/crypto/envelope';
import { createHandlerRegistry } from '../../../src/handlers/registry';
import { createLog } from '../../../src/lib/log';
import type { Handler } from '../../../src/providers/provider';
import { createRegistry } from '../../../src/providers/registry';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { insertDelivery, insertIntegration } from '../../support/scenes/rows';

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
});
afterEach(() => db.drop());

/** An integration with two deliveries, and a drain of it as a worker runs it. */
async function drainOf(order: 'strict' | 'none', handler: Handler, stopping = false) {
  await insertIntegration(db.pool, { id: 'int_1', handler: 'ours', handling_order: order });
  for (const id of ['dlv_1', 'dlv_2'])
    await insertDelivery(db.pool, { id, integration_id: 'int_1' });
  const unused = () => Promise.reject(new Error('not to be asked'));
  const stop = new AbortController();
  if (stopping) stop.abort();
  const drainInbox = createDrainInbox({
    pool: db.pool,
    envelope: createEnvelope([{ id: 'k1', key: randomBytes(32) }]),
    registry: createRegistry({}),
    handlers: createHandlerRegistry({ ours: handler }),
    actors: { refresh: unused, noticeWaiting: unused },
    publicUrl: 'https://holdfast.test',
    notifyUrl: undefined,
    durations: { retryDelaysMs: [1_000] },
    dispatcher: new Agent(),
    stopping: stop.signal,
    log: createLog('silent'),
  });
  const context = { cancellationSignal: new AbortController().signal } as unknown as Context;
  return () => asyncLocalStorage.run(context, () => drainInbox({ integrationId: 'int_1' }));
}

async function states(): Promise<string[]> {
  const { rows } = await db.pool.query<{ state: string }>(
    'SELECT state FROM deliveries ORDER BY sequence',
  );
  return rows.map(({ state }) => state);
}

const setOrder = (order: string) =>
  db.pool.query('UPDATE integrations SET handling_order = $1', [order]);

test.each(['strict', 'none'] as const)('a drain in the order "%s" handles all', async (order) => {
  const drain = await drainOf(order, () => Promise.resolve());
  expect(await drain()).toEqual({ kind: 'empty' });
  expect(await states()).toEqual(['handled', 'handled']);
});

test.each([
  ['strict', 'none'],
  ['none', 'strict'],
] as const)('a drain ends where its order "%s" becomes "%s"', async (order, other) => {
  const drain = await drainOf(order, async () => {
    await setOrder(other);
  });
  expect(await drain()).toMatchObject({ kind: 'more' });
  expect(await states()).toContain('handled');
  // Of an integration that needs no order two may have been begun before it changed.
  if (order === 'strict') expect(await states()).toEqual(['handled', 'pending']);
  expect(await drain()).toEqual({ kind: 'empty' });
  expect(await states()).toEqual(['handled', 'handled']);
});

test('where the first has to wait, only a drain that needs an order waits with the others', async () => {
  const drain = await drainOf('strict', () => Promise.resolve());
  await db.pool.query(
    "UPDATE deliveries SET next_attempt_at = now() + interval '1 hour' WHERE id = 'dlv_1'",
  );
  expect(await drain()).toMatchObject({ kind: 'wait', open: false });
  expect(await states()).toEqual(['pending', 'pending']);
  await setOrder('none');
  expect(await drain()).toMatchObject({ kind: 'wait', open: true });
  expect(await states()).toEqual(['pending', 'handled']);
});

test('a worker that stops begins nothing', async () => {
  const drain = await drainOf('strict', () => Promise.resolve(), true);
  expect(await drain()).toEqual({ kind: 'more', ended: 0 });
  expect(await states()).toEqual(['pending', 'pending']);
});
