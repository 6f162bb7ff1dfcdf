import { randomUUID } from 'node:crypto';
import { sha256 } from '../../src/crypto/hash';
import type { Queryable } from '../../src/db/pool';
import { acceptDeliveries } from '../../src/db/queries/deliveries/accept';
import { readHoldOver } from '../../src/db/queries/holds';
import { readIntegrationView } from '../../src/db/queries/integrations/api-view';
import { testDatabase, type TestDatabase } from '../support/servers/database';
import { insertIntegration } from '../support/scenes/rows';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
  await db.pool.query(
    `INSERT INTO holds (scope, user_id, by) SELECT 'user', 'u' || n, 'user' FROM generate_series(1, 20000) n`,
  );
  await insertIntegration(db.pool, { id: 'int_paused', user_id: 'u7' });
  await insertIntegration(db.pool, { id: 'int_free', user_id: 'free' });
  await db.pool.query('ANALYZE');
});
afterAll(() => db.drop());

const accepted = async (client: Queryable) => {
  const batch = ['int_paused', 'int_free'].map((integrationId, position) => ({
    ...{ id: `dlv_${position}`, integrationId, position, dedupeHash: sha256(`${position}`) },
    ...{ dedupeKey: `${position}`, eventType: null, headers: '[]', body: Buffer.from('{}') },
    refusable: true,
  }));
  const { results } = await acceptDeliveries(client, batch, {
    ...{ keepLimit: 10, keepLimitBytes: 1_000, toCount: new Map() },
    reports: { underWay: randomUUID(), next: randomUUID() },
    full: new Map(),
  });
  return results;
};

test.each<[string, (client: Queryable) => Promise<unknown>, unknown]>([
  ['taking webhooks', accepted, [{ outcome: 'parked' }, { outcome: 'accepted' }]],
  ['a pause', (client) => readHoldOver(client, 'u7'), { by: 'user', reason: null }],
  ['an integration', (client) => readIntegrationView(client, 'int_paused'), { holdBy: 'user' }],
])(
  'with 20,000 people paused, %s reads the holds that matter and no others',
  async (_what, ask, answer) => {
    const client = await db.pool.connect();
    try {
      await client.query('BEGIN');
      expect(await ask(client)).toMatchObject(answer as object);
      const { rows } = await client.query(
        "SELECT seq_tup_read::int AS read FROM pg_stat_xact_user_tables WHERE relname = 'holds'",
      );
      expect(rows).toEqual([{ read: 0 }]);
    } finally {
      await client.query('ROLLBACK');
      // The counts are the session's: the next one begins anew.
      client.release(true);
    }
  },
);
