import type { Pool } from '../../../src/db/pool';

/** Puts deliveries into an integration's inbox as its webhooks in ERROR would have: parked, in this order. */
export async function keepMany(pool: Pool, integrationId: string, count: number): Promise<void> {
  await pool.query(
    `INSERT INTO deliveries (id, integration_id, claim, outcome, state, dedupe_hash, dedupe_key,
                             event_type, headers, body)
     SELECT id, $1, id, 'parked', 'pending', sha256(convert_to(id, 'UTF8')), id, 'contact.updated',
            '[["content-type","application/json"]]', convert_to(rpad('{"type":"contact.updated"}', 1024), 'UTF8')
     FROM (SELECT 'dlv_' || replace(gen_random_uuid()::text, '-', '') AS id
           FROM generate_series(1, $2::int)) AS made`,
    [integrationId, count],
  );
  // As autovacuum would have done while they came in.
  await pool.query('ANALYZE deliveries');
}
