import type { Queryable } from '../pool';

/** A refused request: never its body. */
export interface NewRejection {
  integrationId: string;
  /** A stable word: `wrong_signature`, `body_too_large`, … */
  reason: string;
  sourceAddress: string;
  sizeBytes: number;
}

export async function insertRejections(
  db: Queryable,
  batch: readonly NewRejection[],
): Promise<void> {
  await db.query(
    `INSERT INTO rejections (integration_id, reason, source_address, size_bytes)
     SELECT r.* FROM unnest($1::text[], $2::text[], $3::text[], $4::int[])
       AS r (integration_id, reason, source_address, size_bytes)
     WHERE EXISTS (SELECT FROM integrations i WHERE i.id = r.integration_id)`,
    [
      batch.map(({ integrationId }) => integrationId),
      batch.map(({ reason }) => reason),
      batch.map(({ sourceAddress }) => sourceAddress),
      batch.map(({ sizeBytes }) => sizeBytes),
    ],
  );
}
