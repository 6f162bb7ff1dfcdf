import type { Pool } from '../../src/db/pool';
import { type AuditFilter, listAudit } from '../../src/db/queries/audit';
import { testDatabase, type TestDatabase } from '../support/servers/database';

const count = 100_000;
let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
  // Almost all are tokens that one key reads; what is seldom was long ago, and so was who does no more.
  await db.pool.query(
    `INSERT INTO audit (id, at, actor_kind, actor_name, actor_id, action)
     SELECT 'aud_' || n, timestamptz '2026-01-01' + n * interval '1 second', 'key',
            CASE WHEN n < 5000 THEN 'Gone' WHEN n = 6000 THEN 'user:1' ELSE 'Sync' END,
            CASE WHEN n < 5000 THEN 'key_gone' WHEN n = 6000 THEN NULL ELSE 'key_sync' END,
            CASE WHEN n % 500 = 0 AND n < 50000 THEN 'key.revoked' ELSE 'token.read' END
     FROM generate_series(1, $1::int) n`,
    [count],
  );
  await db.pool.query('ANALYZE audit');
}, 60_000);
afterAll(() => db.drop());

interface Plan {
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
}

const everything: AuditFilter = {
  ...{ actors: null, action: null, integrationHash: null, fromMicros: null, toMicros: null },
};

/** The most rows that any part of the plan has looked at, having done it, and how many there were. */
async function looked(filter: Partial<AuditFilter>): Promise<number> {
  let plan: Plan | undefined;
  const explaining = {
    query: async (text: string, values: unknown[]) => {
      const { rows } = await db.pool.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
        values,
      );
      plan = rows[0]?.['QUERY PLAN'][0].Plan;
      return { rows: [] };
    },
  } as unknown as Pool;
  await listAudit(explaining, { ...everything, ...filter }, { limit: 50, after: null });
  if (plan === undefined) throw new Error('nothing was asked');
  return mostOf(plan);
}

const mostOf = (plan: Plan): number =>
  Math.max(
    (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'],
    ...(plan.Plans ?? []).map(mostOf),
  );

test.each<[string, Partial<AuditFilter>, number]>([
  ['everything', {}, 51],
  ['an action that is seldom', { action: 'key.revoked' }, 51],
  ['one that never was', { action: 'user.deleted' }, 0],
  ['one that is most of it', { action: 'token.read' }, 51],
  ['an actor who was busy long ago', { actors: ['Gone', 'user:2'] }, 51],
  ['the same by the id of the key', { actors: ['key_gone', 'user:2'] }, 51],
  ['a person who did one thing', { actors: ['ada', 'user:1'] }, 1],
  ['nobody', { actors: ['nobody', 'user:2'] }, 0],
  ['what the busiest does seldom', { actors: ['Sync', 'user:2'], action: 'key.revoked' }, 51],
])('a page of %s reads little more than itself', async (_what, filter, rows) => {
  const page = await listAudit(db.pool, { ...everything, ...filter }, { limit: 50, after: null });
  expect(page).toHaveLength(rows);
  expect(page.map(({ at }) => at)).toEqual([...page].map(({ at }) => at).sort((a, b) => +b - +a));
  expect(await looked(filter)).toBeLessThanOrEqual(300);
});
