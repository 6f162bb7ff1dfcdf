import type { Queryable } from '../pool';

/** A refused request: never its body. */
export interface NewRejection {
  integrationId: string;
  /** A stable word: `wrong_signature`, `body_too_large`, … */
  reason: string;
  sourceAddress: string;
  sizeBytes: number;
}

/** Newest rows that are kept of each integration: anybody may send it what is refused. */
const keptRejections = 1_000;

/** Adds them, and trims each integration that they concern. The statement's own rows are not in what it reads. */
export async function insertRejections(
  db: Queryable,
  batch: readonly NewRejection[],
): Promise<void> {
  await db.query(
    `WITH added AS (
       INSERT INTO rejections (integration_id, reason, source_address, size_bytes)
       SELECT r.* FROM unnest($1::text[], $2::text[], $3::text[], $4::int[])
         AS r (integration_id, reason, source_address, size_bytes)
       WHERE EXISTS (SELECT FROM integrations i WHERE i.id = r.integration_id)
       RETURNING integration_id
     ), touched AS (
       SELECT integration_id, count(*) AS added FROM added GROUP BY integration_id
     ), newest_to_go AS (
       SELECT t.integration_id, o.at, o.id FROM touched t CROSS JOIN LATERAL (
         SELECT r.at, r.id FROM rejections r WHERE r.integration_id = t.integration_id
         ORDER BY r.at DESC, r.id DESC OFFSET greatest($5::int - t.added, 0) LIMIT 1
       ) o
     )
     DELETE FROM rejections r USING newest_to_go n
     WHERE r.integration_id = n.integration_id AND (r.at, r.id) <= (n.at, n.id)`,
    [
      batch.map(({ integrationId }) => integrationId),
      batch.map(({ reason }) => reason),
      batch.map(({ sourceAddress }) => sourceAddress),
      batch.map(({ sizeBytes }) => sizeBytes),
      keptRejections,
    ],
  );
}
