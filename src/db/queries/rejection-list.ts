import { type PageKey, type PageRequest, pageKeySql, pageTimeSql } from '../page';
import type { Queryable } from '../pool';

export interface RejectionRow extends PageKey {
  at: Date;
  reason: string;
  sourceAddress: string | null;
  sizeBytes: number;
}

/** Newest first. @returns one row more than the limit where there is another page */
export async function listRejections(
  db: Queryable,
  integrationId: string,
  { limit, after }: PageRequest,
): Promise<RejectionRow[]> {
  const { rows } = await db.query<RejectionRow>(
    `SELECT r.id::text, ${pageKeySql('r.at')}, r.at, r.reason, r.source_address AS "sourceAddress",
            r.size_bytes AS "sizeBytes"
     FROM rejections r
     WHERE r.integration_id = $1::text
       AND ($2::bigint IS NULL OR (r.at, r.id) < (${pageTimeSql('$2')}, $3::bigint))
     ORDER BY r.at DESC, r.id DESC LIMIT $4::int`,
    [integrationId, after?.atMicros ?? null, after?.id ?? null, limit + 1],
  );
  return rows;
}
