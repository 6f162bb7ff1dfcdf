import type { Queryable } from '../../../src/db/pool';
import { type DrainStep, takeLease } from '../../../src/db/queries/deliveries/lease';
import { nextOrdered } from '../../../src/db/queries/deliveries/mark-and-next';
import {
  type UnorderedOptions,
  nextUnordered,
} from '../../../src/db/queries/deliveries/next-unordered';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import {
  insertCredential,
  insertDelivery,
  insertIntegration,
  linkCredential,
  sql,
} from '../../support/scenes/rows';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const ms = 600_000;
const alongBytes = 65_536;
const start: UnorderedOptions = { inFlight: [], fromSequence: 0, waitedFirst: false };

async function integration(): Promise<{ id: string; lease: { fencingToken: number; ms: number } }> {
  const id = await insertIntegration(db.pool, { handling_order: 'none' });
  const taken = await takeLease(db.pool, id, ms);
  if (taken.kind !== 'taken') throw new Error(`the lease is ${taken.kind}`);
  return { id, lease: { fencingToken: taken.fencingToken, ms } };
}

/** @param waits seconds until it may be tried; null for one that was never tried */
async function add(integrationId: string, waits: number | null, waitsFor?: string) {
  const id = await insertDelivery(db.pool, {
    ...{ integration_id: integrationId, waits_for_credential: waitsFor ?? null },
    waits_for_version: 1,
    next_attempt_at: waits === null ? null : sql(`now() + interval '${waits} seconds'`),
  });
  const { rows } = await db.pool.query<{ sequence: number }>(
    'SELECT sequence FROM deliveries WHERE id = $1',
    [id],
  );
  if (rows[0] === undefined) throw new Error('nothing was inserted');
  return { id, sequence: rows[0].sequence };
}

describe('what is next where there is no order', () => {
  test('the oldest that was never tried, whatever waits before it, and nothing that is in hand', async () => {
    const { id, lease } = await integration();
    const next = (options: Partial<UnorderedOptions> = {}) =>
      nextUnordered(db.pool, id, lease, { ...start, ...options }, alongBytes);
    await add(id, 60);
    const [first, second] = [await add(id, null), await add(id, null)];
    expect(await next()).toMatchObject({ delivery: { id: first.id, waited: false } });
    expect(await next({ inFlight: [first.id] })).toMatchObject({ delivery: { id: second.id } });
    expect(await next({ fromSequence: second.sequence })).toMatchObject({
      delivery: { id: second.id },
    });
    const none = await next({ inFlight: [first.id, second.id] });
    expect(none?.delivery).toBeNull();
    expect(none?.waitMs).toBeGreaterThan(55_000);
    expect(none?.waitMs).toBeLessThanOrEqual(60_000);
  });

  test('one that has waited long enough and one that was never tried take turns', async () => {
    const { id, lease } = await integration();
    const [fresh, later, sooner] = [await add(id, null), await add(id, -1), await add(id, -5)];
    const next = (options: Partial<UnorderedOptions>) =>
      nextUnordered(db.pool, id, lease, { ...start, ...options }, alongBytes);
    expect(await next({ waitedFirst: true })).toMatchObject({
      delivery: { id: sooner.id, waited: true },
    });
    expect(await next({ waitedFirst: false })).toMatchObject({ delivery: { id: fresh.id } });
    expect(await next({ inFlight: [fresh.id, sooner.id] })).toMatchObject({
      delivery: { id: later.id },
    });
  });

  test('one that waits for a token is next as soon as the token has come', async () => {
    const { id, lease } = await integration();
    const credential = await insertCredential(db.pool);
    const waiting = await add(id, 60, credential);
    expect((await nextUnordered(db.pool, id, lease, start, alongBytes))?.delivery).toBeNull();
    await db.pool.query('UPDATE credentials SET version = 2 WHERE id = $1', [credential]);
    expect(await nextUnordered(db.pool, id, lease, start, alongBytes)).toMatchObject({
      delivery: { id: waiting.id },
    });
  });

  test('an empty inbox is told from one whose deliveries wait, and a lost lease from both', async () => {
    const { id, lease } = await integration();
    expect(await nextUnordered(db.pool, id, lease, start, alongBytes)).toMatchObject({
      ...{ delivery: null, waitMs: null, held: false, status: 'ENABLED' },
      handling: { order: 'none', concurrency: 5, maxAttempts: 8, giveUpAfterSeconds: 3600 },
    });
    expect(
      await nextUnordered(db.pool, id, { ...lease, fencingToken: 7 }, start, alongBytes),
    ).toBeNull();
  });
});

describe('100,000 pending deliveries of which the first 10,000 wait', () => {
  let id: string;
  let lease: { fencingToken: number; ms: number };
  beforeAll(async () => {
    ({ id, lease } = await integration());
    await db.pool.query(
      `INSERT INTO deliveries (id, integration_id, claim, outcome, state, dedupe_hash, headers, body,
         next_attempt_at)
       SELECT 'dlv_' || n, $1, 'dlv_' || n, 'accepted', 'pending', sha256(convert_to(n::text, 'UTF8')),
              '[]', 'body', CASE WHEN n <= 10000 THEN now() + interval '10 minutes' END
       FROM generate_series(1, 100000) n`,
      [id],
    );
    await db.pool.query('ANALYZE deliveries');
  }, 60_000);

  interface Plan {
    'Node Type': string;
    'Relation Name'?: string;
    'Index Name'?: string;
    'Rows Removed by Filter'?: number;
    'Actual Rows': number;
    Plans?: Plan[];
  }

  /** What looks at deliveries, and how many rows of them it had to read. */
  async function plan(ask: (db: Queryable) => Promise<unknown>) {
    let found: Plan | undefined;
    const explaining = {
      query: async ({ text, values }: { text: string; values: unknown[] }) => {
        const { rows } = await db.pool.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
          `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
          values,
        );
        found = rows[0]?.['QUERY PLAN'][0]?.Plan;
        return { rows: [] };
      },
    };
    await ask(explaining as unknown as Queryable);
    const nodes: Plan[] = [];
    const walk = (node: Plan | undefined) => {
      if (node === undefined) return;
      nodes.push(node);
      node.Plans?.forEach(walk);
    };
    walk(found);
    const scans = nodes.filter((node) => node['Relation Name'] === 'deliveries');
    return {
      seqScans: scans.filter((node) => node['Node Type'] === 'Seq Scan').length,
      sorts: nodes.filter((node) => node['Node Type'] === 'Sort' && node['Actual Rows'] > 2).length,
      indexes: new Set(scans.map((node) => node['Index Name'])),
      read: scans.reduce(
        (sum, node) => sum + node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0),
        0,
      ),
    };
  }

  test('the first look passes those that wait, the next ones read a handful of rows, each by an index', async () => {
    const first = await nextUnordered(db.pool, id, lease, start, alongBytes);
    expect(first?.delivery?.id).toBe('dlv_10001');
    const fromSequence = first?.delivery?.sequence ?? 0;
    const inFlight = Array.from({ length: 20 }, (_, index) => `dlv_${10_001 + index}`);
    const look = (options: UnorderedOptions) =>
      plan((explaining) => nextUnordered(explaining, id, lease, options, alongBytes));

    const atTheHead = await look(start);
    expect(atTheHead).toMatchObject({ seqScans: 0, sorts: 0 });
    expect(atTheHead.read).toBeLessThan(10_100);

    const later = await look({ inFlight, fromSequence, waitedFirst: true });
    expect(later).toMatchObject({ seqScans: 0, sorts: 0 });
    expect(later.read).toBeLessThan(50);
    expect(later.indexes).toContain('deliveries_waiting');
    expect(later.indexes).toContain('deliveries_pending');
    expect(later.indexes).toContain('deliveries_waiting_for_token');
  });

  test('the strict order reads the oldest one only', async () => {
    const step: DrainStep | null = await nextOrdered(
      db.pool,
      id,
      lease.fencingToken,
      ms,
      alongBytes,
    );
    expect(step).toMatchObject({ delivery: null });
    expect(step?.waitMs).toBeGreaterThan(500_000);
    const strict = await plan((explaining) =>
      nextOrdered(explaining, id, lease.fencingToken, ms, alongBytes),
    );
    expect(strict).toMatchObject({ seqScans: 0, read: 1 });
  });

  test('a thousand looks take less than a few seconds', async () => {
    let fromSequence = 0;
    const startedAt = performance.now();
    for (let look = 0; look < 1_000; look++) {
      const step = await nextUnordered(db.pool, id, lease, { ...start, fromSequence }, alongBytes);
      fromSequence = step?.delivery?.sequence ?? 0;
    }
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  }, 60_000);
});

test('a handler gets all of its integration’s fields, a forward none of those that may be large', async () => {
  for (const handler of ['forward', 'sync']) {
    const id = await insertIntegration(db.pool, { handler, metadata: '{"plan":"pro"}' });
    const credential = await insertCredential(db.pool);
    await linkCredential(db.pool, { integration_id: id, credential_id: credential });
    await db.pool.query(
      `UPDATE integrations SET parameters = '{"shop":"a"}', destination_url = 'https://a.example/'
       WHERE id = $1`,
      [id],
    );
    const taken = await takeLease(db.pool, id, ms);
    if (taken.kind !== 'taken') throw new Error(`the lease is ${taken.kind}`);
    const { fencingToken } = taken;
    const lease = { fencingToken, ms };
    const seen = [
      await nextOrdered(db.pool, id, fencingToken, ms, alongBytes),
      await nextUnordered(db.pool, id, lease, start, alongBytes),
    ];
    const shop = { shop: 'a' };
    const fields =
      handler === 'forward'
        ? { metadata: {}, parameters: {}, credentials: [{ parameters: null }] }
        : { metadata: { plan: 'pro' }, parameters: shop, credentials: [{ parameters: shop }] };
    expect(seen).toMatchObject([fields, fields]);
  }
});
