import type { PageRequest } from '../../../src/db/pagination';
import type { Pool } from '../../../src/db/pool';
import { type DeliveryState, listDeliveries } from '../../../src/db/queries/deliveries/list';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { insertIntegration } from '../../support/scenes/rows';

const rows = 1_000_000;
const part = 25_000;
const integrationId = 'int_many';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
  for (const id of [integrationId, 'int_few']) await insertIntegration(db.pool, { id });
  const client = await db.pool.connect();
  try {
    // Rows first, then indexes, and no look at the integration for each: a tenth of the time.
    await client.query(
      `SET statement_timeout = 0; SET synchronous_commit = off; SET session_replication_role = replica`,
    );
    const { rows: indexes } = await client.query<{ name: string; definition: string }>(
      `SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
       WHERE i.indrelid = 'deliveries'::regclass AND NOT i.indisunique`,
    );
    for (const { name } of indexes) await client.query(`DROP INDEX ${name}`);
    for (let from = 0; from < rows; from += part) {
      await client.query(
        // Every thousandth is a dead letter, all of them long ago; four share each microsecond.
        `INSERT INTO deliveries (id, integration_id, claim, outcome, state, dedupe_hash, headers,
                                 body, received_at, ended_at)
         SELECT 'dlv_' || lpad(n::text, 9, '0'), CASE WHEN n % 10 = 9 THEN 'int_few' ELSE $1 END, '',
                'accepted', CASE WHEN n % 1000 = 0 AND n < 500000 THEN 'failed' ELSE 'handled' END,
                decode(lpad(to_hex(n), 64, '0'), 'hex'), '[]', '',
                timestamptz '2026-01-01' + n / 4 * interval '1 microsecond', now()
         FROM generate_series($2::int, $3::int) n`,
        [integrationId, from, from + part - 1],
      );
    }
    for (const { definition } of indexes) await client.query(definition);
    await client.query('ANALYZE deliveries');
  } finally {
    client.release(true);
  }
}, 300_000);
afterAll(() => db.drop());

interface Plan {
  'Node Type': string;
  'Index Name'?: string;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  'Actual Rows': number;
  Plans?: Plan[];
}

/** How Postgres answers what the list asks, having done it. */
async function planOf(state: DeliveryState | undefined, page: PageRequest): Promise<Plan> {
  let plan: Plan | undefined;
  const explaining = {
    query: async (text: string, values: unknown[]) => {
      const { rows: answer } = await db.pool.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
        `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
        values,
      );
      plan = answer[0]?.['QUERY PLAN'][0].Plan;
      return { rows: [] };
    },
  } as unknown as Pool;
  await listDeliveries(explaining, { integrationId, state }, page);
  if (plan === undefined) throw new Error('nothing was asked');
  return plan;
}

const indexesOf = (plan: Plan): string[] => [
  ...(plan['Index Name'] === undefined ? [] : [plan['Index Name']]),
  ...(plan.Plans ?? []).flatMap(indexesOf),
];

const mostRowsOf = (plan: Plan): number =>
  Math.max(plan['Actual Rows'], ...(plan.Plans ?? []).map(mostRowsOf));

const micros = (n: number) =>
  String(Date.parse('2026-01-01T00:00:00Z') * 1_000 + Math.floor(n / 4));

const after = (n: number) => ({ atMicros: micros(n), id: `dlv_${String(n).padStart(9, '0')}` });

describe('a list of a million deliveries', () => {
  test.each([
    ['the first page', undefined, null],
    ['one in the middle', undefined, after(500_000)],
    ['the last one', undefined, after(60)],
    ['the first of dead letters, which are all old', 'failed', null],
    ['one of dead letters in the middle', 'failed', after(250_000)],
    ['one of a state that nothing is in', 'discarded', null],
  ] as const)('%s is read from an index, and little else', async (_what, state, from) => {
    const plan = await planOf(state, { limit: 50, after: from });
    expect(indexesOf(plan)).toEqual(['deliveries_state_page']);
    // 51 rows of each state that is asked for, sorted among themselves; each may lie on a page of its own.
    expect(mostRowsOf(plan)).toBeLessThanOrEqual(51 * 5);
    const most = state === undefined ? 150 : 80;
    expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).toBeLessThan(most);
  });

  test('paging shows each of many that came in the same microsecond, once', async () => {
    const seen: string[] = [];
    let from: PageRequest['after'] = after(2_000);
    while (seen.length < 1_500) {
      const page = await listDeliveries(db.pool, { integrationId }, { limit: 49, after: from });
      const shown = page.slice(0, 49);
      seen.push(...shown.map(({ id }) => id));
      from = shown.at(-1) ?? null;
    }
    const expected = Array.from({ length: 2_000 }, (_, n) => n)
      .filter((n) => n % 10 !== 9)
      .map((n) => after(n).id)
      .reverse();
    expect(seen).toEqual(expected.slice(0, seen.length));
  });
});
