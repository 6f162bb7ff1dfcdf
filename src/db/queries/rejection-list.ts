import { type PageKey, type PageRequest, pageKeySql, pageTimeSql } from '../pagination';
import type { Queryable } from '../pool';

export interface RejectionRow extends PageKey {
  at: Date;
  reason: string;
  sourceAddress: string | null;
  sizeBytes: number;
  account: string | null;
}

/** Of an integration, or of what came to a provider's address and belonged to none. */
export type RejectionsOf = { integrationId: string } | { provider: string };

/** Newest first. @returns one row more than the limit where there is another page */
export async function listRejections(
  db: Queryable,
  of: RejectionsOf,
  { limit, after }: PageRequest,
): Promise<RejectionRow[]> {
  const [which, value] =
    'provider' in of
      ? ['r.integration_id IS NULL AND r.provider', of.provider]
      : ['r.integration_id', of.integrationId];
  const { rows } = await db.query<RejectionRow>(
    `SELECT r.id::text, ${pageKeySql('r.at')}, r.at, r.reason, r.source_address AS "sourceAddress",
            r.size_bytes AS "sizeBytes", r.account
     FROM rejections r
     WHERE ${which} = $1::text
       AND ($2::bigint IS NULL OR (r.at, r.id) < (${pageTimeSql('$2')}, $3::bigint))
     ORDER BY r.at DESC, r.id DESC LIMIT $4::int`,
    [value, after?.atMicros ?? null, after?.id ?? null, limit + 1],
  );
  return rows;
}
