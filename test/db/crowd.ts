import pg from 'pg';

/** Integrations in three crowds that nothing is owed to; `user_id` is of the crowd's own people. */
export interface CrowdSizes {
  /** ENABLED, with nothing to handle. */
  idle: number;
  /** In ERROR with a dead credential, and with a delivery that waits for it. */
  parked: number;
  /** ENABLED, with a delivery, each under its person's pause. */
  held: number;
}

/** Puts them into an empty database, with ids in no order between the crowds. */
export async function insertCrowd(databaseUrl: string, sizes: CrowdSizes): Promise<void> {
  const crowd = `(SELECT kind, n, 'int_' || md5(kind || n) AS id, 'crd_' || md5(kind || n) AS credential
    FROM (VALUES ('idle', $1::int), ('parked', $2::int), ('held', $3::int)) AS k (kind, size)
    CROSS JOIN LATERAL generate_series(1, k.size) n) c`;
  const values = [sizes.idle, sizes.parked, sizes.held];
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const insert = (text: string) => client.query(text, values);
    await insert(`
      INSERT INTO integrations (id, user_id, name, provider, status, reason_code, reason_credential,
                                reason_credentials, reason_message)
      SELECT id, kind || n % 1000, kind || n, 'acme', CASE kind WHEN 'parked' THEN 'ERROR' ELSE 'ENABLED' END,
             CASE kind WHEN 'parked' THEN 'revoked' END, CASE kind WHEN 'parked' THEN 'main' END,
             CASE kind WHEN 'parked' THEN ARRAY['main'] END,
             CASE kind WHEN 'parked' THEN 'The credential "main" was revoked. Reconnect to go on.' END
      FROM ${crowd}`);
    await insert(`
      INSERT INTO credentials (id, user_id, provider, version, state, code, refresh_at, probe_at)
      SELECT credential, kind || n % 1000, 'acme', 1, CASE kind WHEN 'parked' THEN 'dead' ELSE 'alive' END,
             CASE kind WHEN 'parked' THEN 'revoked' END, now() + interval '1 hour', NULL
      FROM ${crowd}`);
    await insert(`
      INSERT INTO integration_credentials (integration_id, name, credential_id)
      SELECT id, 'main', credential FROM ${crowd}`);
    await insert(`
      INSERT INTO drain_leases (integration_id, number, until) SELECT id, 1, '-infinity' FROM ${crowd}`);
    await insert(`
      INSERT INTO deliveries (id, integration_id, claim, outcome, state, dedupe_hash, headers, body)
      SELECT 'dlv_' || md5(id), id, 'x', 'parked', 'pending', sha256(id::bytea), '[]', '{}'
      FROM ${crowd} WHERE kind <> 'idle'`);
    await client.query(`
      INSERT INTO holds (scope, user_id, by) SELECT DISTINCT 'user', user_id, 'user'
      FROM integrations WHERE user_id LIKE 'held%'`);
    await client.query('VACUUM ANALYZE');
  } finally {
    await client.end();
  }
}
