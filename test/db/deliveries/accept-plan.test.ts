import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { createPool, type Queryable } from '../../../src/db/pool';
import { acceptDeliveries } from '../../../src/db/queries/deliveries/accept';
import type { NewDelivery } from '../../../src/db/queries/deliveries/new-delivery';
import { createLog } from '../../../src/lib/log';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { insertCrowd } from '../crowd';

const delivery: NewDelivery = {
  ...{ id: 'dlv_1', integrationId: 'int_1', position: 0, dedupeHash: Buffer.alloc(32) },
  ...{ dedupeKey: 'key', eventType: null, headers: '[]', body: Buffer.alloc(1) },
  refusable: true,
};

/** The text of the statement that stores a batch, one whose integration is to be counted too. */
async function acceptText({ isCounting }: { isCounting: boolean }): Promise<string> {
  let text = '';
  const query = (config: pg.QueryConfig) => {
    text = config.text;
    return Promise.resolve({ rows: [] });
  };
  const id = randomUUID();
  const limits = { keepLimit: 1, keepLimitBytes: 1 };
  const keep = {
    ...limits,
    toCount: new Map(isCounting ? [['int_1', { waiting: 0, underWay: 0 }]] : []),
    full: new Map(),
    reports: { underWay: id, next: id },
  };
  await acceptDeliveries({ query } as unknown as Queryable, [delivery], keep);
  return text;
}

describe('the plan that the inbox’s sessions keep', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase();
  });
  afterAll(() => db.drop());

  async function plan(of: { isCounting: boolean }): Promise<string[]> {
    const pool = createPool(db.url, createLog('silent'), { plans: 'fixed', max: 1 });
    const text = await acceptText(of);
    const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN (GENERIC_PLAN) ${text}`);
    const { rows: modes } = await pool.query('SHOW plan_cache_mode');
    await pool.end();
    expect(modes).toEqual([{ plan_cache_mode: 'force_generic_plan' }]);
    return rows.map((row) => row['QUERY PLAN']);
  }

  test.each([{ isCounting: true }, { isCounting: false }])(
    'reads no table as a whole, though it is made while all are empty: %j',
    async (of) => {
      const whole = (await plan(of)).filter((line) => /Seq Scan|hashed SubPlan.*d_1/.test(line));
      expect(whole).toEqual([]);
    },
  );

  async function scans(of: { isCounting: boolean }): Promise<string[]> {
    const lines = (await plan(of)).filter((line) => / on (deliveries|integrations)/.test(line));
    return lines.map((line) => line.replace(/ {2}\(.*/, '').replace(/.*-> +/, ''));
  }

  test('goes by the key of each delivery once there are any', async () => {
    await insertCrowd(db.url, { idle: 0, parked: 10, held: 0 });
    await db.pool.query(`
      INSERT INTO deliveries (id, integration_id, claim, outcome, state, dedupe_hash, headers, body)
      SELECT id || n, id, 'x', 'parked', 'pending', sha256((id || n)::bytea), '[]', '{}'
      FROM integrations, generate_series(1, 200) n`);
    await db.pool.query('ANALYZE deliveries');
    expect(await scans({ isCounting: true })).toEqual([
      'Index Scan using integrations_pkey on integrations i',
      'Index Only Scan using deliveries_pending on deliveries d',
      'Index Scan Backward using deliveries_state_page on deliveries d_1',
      'Insert on deliveries d_3',
      'Index Scan using deliveries_integration_id_dedupe_hash_key on deliveries d_2',
      'Index Scan using deliveries_pkey on deliveries o',
    ]);
  });

  test('looks at nothing that is kept where no integration has to be counted', async () => {
    expect(await scans({ isCounting: false })).toEqual([
      'Insert on deliveries d',
      'Index Scan using integrations_pkey on integrations i',
      'Index Scan using deliveries_pkey on deliveries o',
    ]);
  });
});
