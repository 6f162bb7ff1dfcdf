import { type PageKey, type PageRequest, pageKeySql, pageTimeSql } from '../../pagination';
import type { Queryable } from '../../pool';

/** A refused request, or an event of one: never its body. */
export interface NewRejection {
  /** Null where none is known: at an application's address, whose provider is then named. */
  integrationId: string | null;
  provider: string | null;
  /** Whose event it was; storable text. */
  account: string | null;
  /** A stable word: `wrong_signature`, `body_too_large`, `unknown_account`, … */
  reason: string;
  sourceAddress: string;
  sizeBytes: number;
}

/** Newest rows that are kept of each integration, and of each provider: anybody may send what is refused. */
const keptRejections = 1_000;

/**
 * Adds them, and trims each integration and provider that they concern. The statement's own rows are not in what
 * it reads.
 */
export async function insertRejections(
  db: Queryable,
  batch: readonly NewRejection[],
): Promise<void> {
  await db.query(
    `WITH added AS (
       INSERT INTO rejections (integration_id, provider, account, reason, source_address, size_bytes)
       SELECT r.* FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[])
         AS r (integration_id, provider, account, reason, source_address, size_bytes)
       WHERE r.integration_id IS NULL
         OR EXISTS (SELECT FROM integrations i WHERE i.id = r.integration_id)
       RETURNING integration_id, provider
     ), touched AS (
       SELECT integration_id, count(*) AS added FROM added WHERE integration_id IS NOT NULL
       GROUP BY integration_id
     ), touched_provider AS (
       SELECT provider, count(*) AS added FROM added WHERE integration_id IS NULL GROUP BY provider
     ), newest_to_go AS (
       SELECT t.integration_id, o.at, o.id FROM touched t CROSS JOIN LATERAL (
         SELECT r.at, r.id FROM rejections r WHERE r.integration_id = t.integration_id
         ORDER BY r.at DESC, r.id DESC OFFSET greatest($7::int - t.added, 0) LIMIT 1
       ) o
     ), newest_of_provider AS (
       SELECT t.provider, o.at, o.id FROM touched_provider t CROSS JOIN LATERAL (
         SELECT r.at, r.id FROM rejections r
         WHERE r.integration_id IS NULL AND r.provider = t.provider
         ORDER BY r.at DESC, r.id DESC OFFSET greatest($7::int - t.added, 0) LIMIT 1
       ) o
     ), trimmed AS (
       DELETE FROM rejections r USING newest_to_go n
       WHERE r.integration_id = n.integration_id AND (r.at, r.id) <= (n.at, n.id)
     )
     DELETE FROM rejections r USING newest_of_provider n
     WHERE r.integration_id IS NULL AND r.provider = n.provider AND (r.at, r.id) <= (n.at, n.id)`,
    [
      batch.map(({ integrationId }) => integrationId),
      batch.map(({ provider }) => provider),
      batch.map(({ account }) => account),
      batch.map(({ reason }) => reason),
      batch.map(({ sourceAddress }) => sourceAddress),
      batch.map(({ sizeBytes }) => sizeBytes),
      keptRejections,
    ],
  );
}

export interface RejectionRow extends PageKey {
  at: Date;
  reason: string;
  sourceAddress: string | null;
  sizeBytes: number;
  account: string | null;
}

/** Of an integration, or of what came to a provider's address and belonged to none. */
type RejectionsOf = { integrationId: string } | { provider: string };

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
