import type { Admission } from '../../../activities/drain/admission';
import type { Handler, ProviderDeclaration } from '../../../src/providers/provider';
import { createDrains } from '../../support/scenes/drain';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { insertCredential, insertDelivery, insertIntegration } from '../../support/scenes/rows';

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
});
afterEach(() => db.drop());

const shops: ProviderDeclaration = {
  oauth: {
    ...{ authorizationUrl: 'https://{shop}/authorize', tokenUrl: 'https://{shop}/token' },
    ...{ clientId: 'c', parameters: { shop: /[a-z]+\.shops\.example/ } },
  },
};

/** An integration with two deliveries, and a drain of it as a worker runs it. */
async function drainOf(
  order: 'strict' | 'none',
  handler: Handler,
  options: { stopping?: boolean; admission?: Admission } = {},
) {
  await insertIntegration(db.pool, { id: 'int_1', handler: 'ours', handling_order: order });
  for (const id of ['dlv_1', 'dlv_2'])
    await insertDelivery(db.pool, { id, integration_id: 'int_1' });
  const drain = createDrains(db.pool, { handler, providers: { shops }, ...options });
  return (tryNumber?: number) => drain('int_1', tryNumber);
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
  expect(await drain()).toEqual({ kind: 'empty', count: { delivered: 2, left: 0 } });
  expect(await states()).toEqual(['handled', 'handled']);
});

test('a handler that the configuration lacks is tried again, and the nearest one is named', async () => {
  const drain = await drainOf('strict', () => Promise.resolve());
  await db.pool.query("UPDATE integrations SET handler = 'outs'");
  await drain();
  expect(await states()).toEqual(['pending', 'pending']);
  const { rows } = await db.pool.query<{ error: string }>('SELECT error FROM delivery_attempts');
  expect(rows).toEqual([
    { error: expect.stringContaining('no handler "outs". Did you mean "ours"?') as string },
  ]);
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
  expect(await drain()).toMatchObject({ kind: 'empty' });
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
  const drain = await drainOf('strict', () => Promise.resolve(), { stopping: true });
  expect(await drain()).toEqual({ kind: 'more', ended: 0, count: { delivered: 0, left: 2 } });
  expect(await states()).toEqual(['pending', 'pending']);
});

test('a drain that is put off has Temporal try it again, and at the third time lets its actor go on', async () => {
  const full: Admission = {
    isCalm: () => false,
    begin: () => Promise.resolve({ kind: 'put_off', comeBackMs: 5_000 }),
  };
  const drain = await drainOf('strict', () => Promise.resolve(), { admission: full });
  for (const tryNumber of [1, 2])
    await expect(drain(tryNumber)).rejects.toMatchObject({
      ...{ nextRetryDelay: 5_000, category: 'BENIGN' },
    });
  expect(await drain(3)).toMatchObject({ kind: 'wait', inMs: 5_000, open: false });
  // As before: neither the sweep nor a webhook begins it earlier.
  const { rows } = await db.pool.query<{ off: boolean }>(
    "SELECT put_off_until > now() + interval '4 seconds' AS off FROM drain_leases",
  );
  expect(rows).toEqual([{ off: true }]);
});

test('S31 the token of a credential goes where its own parameters lead, and nowhere else', async () => {
  const told: string[] = [];
  const drain = await drainOf('strict', async (_delivery, context) => {
    for (const credential of ['main', 'other']) {
      const asked = context.fetch('https://c.shops.example/', { credential });
      await asked.catch((error: unknown) => told.push((error as Error).message));
    }
  });
  await db.pool.query(
    `UPDATE integrations SET provider = 'shops', parameters = '{"shop":"c.shops.example"}'`,
  );
  for (const [name, shop] of [
    ['main', 'a'],
    ['other', 'b'],
  ] as const) {
    await insertCredential(db.pool, { id: name, provider: 'shops', user_id: 'user-1' });
    await db.pool.query(`UPDATE credentials SET parameters = $2 WHERE id = $1`, [
      name,
      JSON.stringify({ shop: `${shop}.shops.example` }),
    ]);
    await db.pool.query(
      `INSERT INTO integration_credentials (integration_id, name, credential_id)
       VALUES ('int_1', $1, $1)`,
      [name],
    );
  }
  await drain();
  expect(told.slice(0, 2)).toEqual([
    expect.stringMatching(/only to https:\/\/a\.shops\.example, not/),
    expect.stringMatching(/only to https:\/\/b\.shops\.example, not/),
  ]);
});
