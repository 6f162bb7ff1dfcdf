import { type Due, dueKinds, duePage } from '../../src/db/queries/sweep/due';
import type { Queryable } from '../../src/db/pool';
import { insertCrowd } from '../db/crowd';
import { testDatabase, type TestDatabase } from '../support/servers/database';
import { insertDelivery, insertHold } from '../support/scenes/rows';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
  await insertCrowd(db.url, { idle: 100_000, parked: 100_000, held: 20_000 });
}, 300_000);
afterAll(() => db.drop());

const query = { all: false, probed: ['probing'], after: '', limit: 500 };

interface Node {
  'Node Type': string;
  'Index Name'?: string;
  'Actual Loops': number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: Node[];
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** What the page's statement does, as Postgres tells. */
async function explain(kind: Due['kind']) {
  let plan: Node | undefined;
  const explaining = {
    query: async (text: string, values: unknown[]) => {
      const { rows } = await db.pool.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(
        `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ${text}`,
        values,
      );
      plan = rows[0]?.['QUERY PLAN'][0].Plan;
      return { rows: [] };
    },
  };
  await duePage(explaining as unknown as Queryable, kind, query);
  if (plan === undefined) throw new Error('nothing was asked');
  return {
    pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
    nodes: nodesOf(plan),
  };
}

/** With two hundred thousand rows, whatever looks at each by itself reads four pages for each, at least. */
const mostPages: Record<Due['kind'], number> = {
  inbox: 60_000,
  status: 25_000,
  credential: 50,
  notices: 50,
  revocation: 50,
  replay: 50,
};
/** Quiet machines need a tenth of it. */
const longestMs = 4_000;

test.each(dueKinds)(
  'the sweep asks one cheap question of kind %s where 220,000 integrations idle, are parked or held, and rings nobody',
  async (kind) => {
    const startedAt = performance.now();
    expect(await duePage(db.pool, kind, query)).toEqual({ due: [], after: null });
    expect(performance.now() - startedAt).toBeLessThan(longestMs);
    const { pages, nodes } = await explain(kind);
    expect(pages).toBeLessThan(mostPages[kind]);
    // Nothing is asked of one row after the other.
    expect(nodes.filter((node) => node['Actual Loops'] > 20)).toEqual([]);
  },
);

test('the inboxes are found by a walk along the index of pending deliveries, and nothing else is read of them', async () => {
  const { nodes } = await explain('inbox');
  const indexes = nodes.flatMap((node) => node['Index Name'] ?? []);
  expect(indexes).toContain('integrations_enabled');
  const walk = nodes.find((node) => node['Index Name'] === 'deliveries_pending');
  expect(walk).toMatchObject({ 'Node Type': 'Index Only Scan', 'Actual Loops': 1 });
});

test("an operator's hold on all is asked for once: then no integration is looked at", async () => {
  await insertHold(db.pool);
  expect((await explain('inbox')).pages).toBeLessThan(50);
  await db.pool.query("DELETE FROM holds WHERE scope = 'all'");
});

test('among 220,000 the few are found that something is owed to', async () => {
  const [idle, parked] = await Promise.all(
    ['idle7', 'parked7'].map(async (name) => {
      const { rows } = await db.pool.query<{ id: string }>(
        'SELECT id FROM integrations WHERE name = $1',
        [name],
      );
      return rows[0]?.id ?? '';
    }),
  );
  await insertDelivery(db.pool, { integration_id: idle ?? '' });
  await db.pool.query(
    `UPDATE credentials SET state = 'alive', code = NULL, refresh_at = now() - interval '1 minute'
     WHERE id = 'crd_' || md5('parked7')`,
  );
  const ids = async (kind: Due['kind']) =>
    (await duePage(db.pool, kind, query)).due.map(({ id }) => id);
  expect(await ids('inbox')).toEqual([idle]);
  expect(await ids('status')).toEqual([parked]);
  expect(await ids('credential')).toEqual([parked?.replace('int_', 'crd_')]);
});
