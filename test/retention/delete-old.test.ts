import { endedKinds } from '../../src/db/queries/retention';
import { testDatabase, type TestDatabase } from '../support/servers/database';
import {
  insertDelivery,
  insertIntegration,
  insertNotice,
  insertRejection,
  sql,
} from '../support/scenes/rows';
import { auditRetentionDays, past, retentionPass, within } from './passing';

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
  await insertIntegration(db.pool, { id: 'int_1' });
});
afterEach(() => db.drop());

const query = (text: string) => db.pool.query(text);

/** One row of a kind that ended at such a time. */
const inserts: Record<(typeof endedKinds)[number], (id: string, at: string) => Promise<unknown>> = {
  deliveries: (id, at) =>
    insertDelivery(db.pool, {
      ...{ id, integration_id: 'int_1', state: 'handled', body: Buffer.from('body') },
      ...{ received_at: sql(past), ended_at: sql(at) },
    }),
  transitions: (id, at) =>
    query(
      `INSERT INTO transitions (integration_id, number, to_status, by, ended_at)
       VALUES ('int_1', ${id === 'old' ? 1 : 2}, 'ENABLED', 'x', ${at})`,
    ),
  rejections: (id, at) =>
    insertRejection(db.pool, { integration_id: 'int_1', reason: id, at: sql(at) }),
  actor_restarts: (id, at) =>
    query(
      `INSERT INTO actor_restarts (workflow_id, workflow, cause, at)
       VALUES ('${id}', 'integration', 'failed', ${at})`,
    ),
  notices: (id, at) => insertNotice(db.pool, { id, outcome: 'delivered', ended_at: sql(at) }),
  replays: (id, at) =>
    query(
      `INSERT INTO replays (id, integration_id, ended_at, end_reason)
       VALUES ('${id}', 'int_1', ${at}, 'completed')`,
    ),
  oauth_states: (id, at) =>
    query(
      `INSERT INTO oauth_states (state_hash, browser_hash, provider, integration_id, credential_name,
                                 credential_id, code_verifier, resume, expires_at)
       VALUES ('${id}', 'b', 'acme', 'int_1', 'main', 'crd', 'v', true, ${at})`,
    ),
  sessions: (id, at) =>
    query(
      `INSERT INTO sessions (id, token_hash, user_id, expires_at) VALUES ('${id}', '${id}', 'u', ${at})`,
    ),
  confirmations: (id, at) =>
    query(
      `INSERT INTO confirmations (code_hash, browser_hash, confirm, user_id, provider, integration_id,
                                  credential_name, credential_id, resume, outcome, expires_at)
       VALUES (sha256('${id}'), 'b', 'page', 'u', 'acme', 'int_1', 'main', 'crd', true, 'connected', ${at})`,
    ),
  reconnect_codes: (id, at) =>
    query(
      `INSERT INTO reconnect_codes (code_hash, integration_id, credential_name, expires_at)
       VALUES (sha256('${id}'), 'int_1', 'main', ${at})`,
    ),
  rotated_refresh_tokens: async (id, at) => {
    await query(
      `INSERT INTO credentials (id, user_id, provider, state) VALUES ('crd_1', 'u', 'acme', 'alive')
       ON CONFLICT DO NOTHING`,
    );
    await query(
      `INSERT INTO rotated_refresh_tokens (credential_id, hash, given, rotated_at)
       VALUES ('crd_1', sha256('${id}'), false, ${at})`,
    );
  },
  webhook_signatures: (id, at) =>
    query(
      `INSERT INTO webhook_signatures (provider, hash, account_hash, first_at)
       VALUES ('acme', sha256('${id}'), sha256('a'), ${at})`,
    ),
  idempotency_keys: (id, at) =>
    query(
      `INSERT INTO idempotency_keys (key_hash, request_hash, created_at) VALUES ('${id}', 'r', ${at})`,
    ),
  audit: (id, at) =>
    query(
      `INSERT INTO audit (id, at, actor_kind, actor_name, action)
       VALUES ('${id}', ${at}, 'key', 'HOLDFAST_API_KEYS', 'token.read')`,
    ),
  api_keys: (id, at) =>
    query(
      `INSERT INTO api_keys (id, name, key_hash, scopes, expires_at)
       VALUES ('${id}', 'x', sha256('${id}'), '{read}', ${at})`,
    ),
  same_bodies: (id, at) =>
    query(
      `INSERT INTO same_bodies (integration_id, hash, until) VALUES ('int_1', sha256('${id}'), ${at})`,
    ),
};

const count = async (table: string) => {
  const { rows } = await db.pool.query<{ count: number }>(`SELECT count(*) FROM ${table}`);
  return rows[0]?.count;
};

test.each(endedKinds)(
  'of %s, what ended longer ago than the retention time goes, and what ended since stays',
  async (kind) => {
    const [old, young] = bounds[kind] ?? [past, within];
    await inserts[kind]('old', old);
    await inserts[kind]('young', young);
    await retentionPass(db.pool);
    expect(await count(kind)).toBe(1);
    await db.pool.query(`UPDATE ${kind} SET ${endOf[kind] ?? 'ended_at'} = ${old}`);
    await retentionPass(db.pool);
    expect(await count(kind)).toBe(0);
  },
);

const aDay: [old: string, young: string] = [
  "now() - interval '24 hours 1 minute'",
  "now() - interval '23 hours 59 minutes'",
];

const auditBounds: [string, string] = [
  `now() - interval '${auditRetentionDays} days 1 minute'`,
  `now() - interval '${auditRetentionDays} days' + interval '1 minute'`,
];

const bounds: Partial<Record<(typeof endedKinds)[number], [old: string, young: string]>> = {
  idempotency_keys: aDay,
  oauth_states: aDay,
  confirmations: ["now() - interval '73 hours'", "now() - interval '71 hours'"],
  reconnect_codes: aDay,
  actor_restarts: ["now() - interval '73 hours'", "now() - interval '71 hours'"],
  audit: auditBounds,
  api_keys: auditBounds,
  same_bodies: ["now() - interval '1 second'", "now() + interval '1 minute'"],
};

const endOf: Partial<Record<(typeof endedKinds)[number], string>> = {
  ...{ rejections: 'at', oauth_states: 'expires_at', sessions: 'expires_at' },
  confirmations: 'expires_at',
  webhook_signatures: 'first_at',
  rotated_refresh_tokens: 'rotated_at',
  idempotency_keys: 'created_at',
  reconnect_codes: 'expires_at',
  same_bodies: 'until',
  ...{ audit: 'at', actor_restarts: 'at' },
  // A key that never ends is revoked some day.
  api_keys: 'expires_at = NULL, revoked_at',
};

test('what has not ended stays, however old it is', async () => {
  const { pool } = db;
  await insertDelivery(pool, { integration_id: 'int_1' });
  await pool.query(
    `INSERT INTO transitions (integration_id, number, to_status, by, at) VALUES ('int_1', 0, 'ENABLED', 'x', ${past})`,
  );
  await insertNotice(pool, { created_at: sql(past) });
  await pool.query(
    `INSERT INTO replays (id, integration_id, created_at) VALUES ('r', 'int_1', ${past})`,
  );
  expect(await retentionPass(pool)).toEqual([]);
  for (const table of ['deliveries', 'transitions', 'notices', 'replays']) {
    expect(await count(table)).toBe(1);
  }
});

test('a row that somebody holds stays, and nobody is waited for', async () => {
  await inserts.deliveries('held', past);
  await inserts.deliveries('free', past);
  const holder = await db.pool.connect();
  try {
    await holder.query('BEGIN');
    await holder.query("SELECT FROM deliveries WHERE id = 'held' FOR UPDATE");
    await retentionPass(db.pool);
    const { rows } = await db.pool.query('SELECT id FROM deliveries');
    expect(rows).toEqual([{ id: 'held' }]);
    await holder.query('COMMIT');
  } finally {
    holder.release();
  }
  await retentionPass(db.pool);
  expect(await count('deliveries')).toBe(0);
});

test('the attempts of a delivery go with it', async () => {
  await inserts.deliveries('old', past);
  await db.pool.query(
    "INSERT INTO delivery_attempts (delivery_id, number, duration_ms) SELECT 'old', n, 1 FROM generate_series(1, 3) n",
  );
  await retentionPass(db.pool);
  expect(await count('delivery_attempts')).toBe(0);
});

test('a backlog goes in batches, and a kind that can not be deleted keeps no other from it', async () => {
  for (let n = 0; n < 25; n++) await inserts.sessions(`ses_${n}`, past);
  await inserts.notices('old', past);
  await db.pool.query('ALTER TABLE rejections RENAME COLUMN at TO gone');
  const lines = await retentionPass(db.pool, 10);
  expect(await count('sessions')).toBe(0);
  expect(await count('notices')).toBe(0);
  expect(lines.join()).toContain('"deleted":{"notices":1,"sessions":25}');
  expect(lines.join()).toContain('"kind":"rejections"');
});
