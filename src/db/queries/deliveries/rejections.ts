import { createHash } from 'node:crypto';
import { type PageKey, type PageRequest, pageKeySql, pageTimeSql } from '../../pagination';
import type { Queryable } from '../../pool';

/** What rejected requests, or events of them, have in common: never a body. */
export interface RejectionKey {
  /** Null where none is known: at an application's address, whose provider is then named. */
  integrationId: string | null;
  provider: string | null;
  /** Whose event it was; storable text. */
  account: string | null;
  /** A stable word: `wrong_signature`, `body_too_large`, `unknown_account`, … */
  reason: string;
  /** Null: of several sources. */
  sourceAddress: string | null;
}

export interface NewRejections extends RejectionKey {
  count: number;
  /** How long ago the first and the last of them were. */
  firstAgoMs: number;
  lastAgoMs: number;
  /** The last one's. */
  sizeBytes: number;
}

/**
 * Sources that are kept by themselves of an integration's rejections for one reason, and of a provider's: with some twenty
 * reasons that is a thousand rows. What comes from further ones is one row.
 */
const keptSources = 50;
/** The same where the events name accounts, which nobody invents who can't sign. */
const keptAccounts = 500;

/**
 * Adds them to what is kept. In the order of their hashes, so that gateways that add the same never wait for each other in a
 * circle. Two that add the first ones at the same time may keep a few more than the most.
 */
export async function addRejections(db: Queryable, batch: readonly NewRejections[]): Promise<void> {
  await db.query(
    `WITH there AS MATERIALIZED (
       SELECT id FROM integrations WHERE id = ANY ($3::text[]) ORDER BY id FOR KEY SHARE
     ), given AS MATERIALIZED (
       SELECT g.*, EXISTS (SELECT FROM rejections r WHERE r.hash = g.hash) AS is_kept
       FROM unnest($1::bytea[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                   $8::bigint[], $9::float8[], $10::float8[], $11::int[])
         AS g (hash, rest_hash, integration_id, provider, account, reason, source_address,
               count, first_ago, last_ago, size_bytes)
       WHERE g.integration_id IS NULL
         OR g.integration_id IN (SELECT id FROM there)
     ), kept AS MATERIALIZED (
       SELECT k.rest_hash, CASE WHEN k.integration_id IS NULL THEN (
                SELECT count(*) FROM rejections r
                WHERE r.integration_id IS NULL AND r.provider = k.provider
                  AND r.reason = k.reason AND r.hash IS NOT NULL
              ) ELSE (
                SELECT count(*) FROM rejections r
                WHERE r.integration_id = k.integration_id AND r.reason = k.reason AND r.hash IS NOT NULL
              ) END AS count
       FROM (SELECT DISTINCT rest_hash, integration_id, provider, reason FROM given WHERE NOT is_kept) k
     ), ranked AS (
       SELECT g.*, g.is_kept OR k.count + row_number() OVER (
                PARTITION BY g.rest_hash, g.is_kept ORDER BY g.first_ago DESC, g.hash
              ) <= CASE WHEN g.account IS NULL THEN $12::int ELSE $13::int END AS by_itself
       FROM given g LEFT JOIN kept k ON k.rest_hash = g.rest_hash
     )
     INSERT INTO rejections AS r
       (hash, integration_id, provider, account, reason, source_address, count, first_at, at, size_bytes)
     SELECT CASE WHEN by_itself THEN hash ELSE rest_hash END AS hash, integration_id, provider,
            CASE WHEN by_itself THEN account END, reason,
            CASE WHEN by_itself THEN source_address END, sum(count),
            now() - max(first_ago) * interval '1 ms', now() - min(last_ago) * interval '1 ms',
            (array_agg(size_bytes ORDER BY last_ago))[1]
     FROM ranked GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1
     ON CONFLICT (hash) DO UPDATE
     SET count = r.count + excluded.count, at = greatest(r.at, excluded.at),
         first_at = least(coalesce(r.first_at, r.at), excluded.first_at),
         size_bytes = excluded.size_bytes`,
    [
      batch.map(hashOf),
      batch.map((one) => hashOf({ ...one, account: null, sourceAddress: null })),
      batch.map(({ integrationId }) => integrationId),
      batch.map(({ provider }) => provider),
      batch.map(({ account }) => account),
      batch.map(({ reason }) => reason),
      batch.map(({ sourceAddress }) => sourceAddress),
      batch.map(({ count }) => count),
      batch.map(({ firstAgoMs }) => firstAgoMs),
      batch.map(({ lastAgoMs }) => lastAgoMs),
      batch.map(({ sizeBytes }) => sizeBytes),
      ...[keptSources, keptAccounts],
    ],
  );
}

/** One value for all columns of the key: a unique index over them would take nulls for different. */
function hashOf({ integrationId, provider, account, reason, sourceAddress }: RejectionKey): Buffer {
  const key = JSON.stringify([integrationId, provider, account, reason, sourceAddress]);
  return createHash('sha256').update(key).digest();
}

export interface RejectionRow extends PageKey {
  /** The last one's time. */
  at: Date;
  firstAt: Date;
  count: number;
  reason: string;
  /** Null: of several sources. */
  sourceAddress: string | null;
  sizeBytes: number;
  account: string | null;
}

/** Of an integration, or of what came to a provider's address and belonged to none. */
type RejectionsOf = { integrationId: string } | { provider: string };

/**
 * Those that came last first. One that comes again while somebody reads page by page moves to the first page: it is never read
 * twice.
 *
 * @returns one row more than the limit where there is another page
 */
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
    `SELECT r.id::text, ${pageKeySql('r.at')}, r.at, coalesce(r.first_at, r.at) AS "firstAt", r.count,
            r.reason, r.source_address AS "sourceAddress", r.size_bytes AS "sizeBytes", r.account
     FROM rejections r
     WHERE ${which} = $1::text
       AND ($2::bigint IS NULL OR (r.at, r.id) < (${pageTimeSql('$2')}, $3::bigint))
     ORDER BY r.at DESC, r.id DESC LIMIT $4::int`,
    [value, after?.atMicros ?? null, after?.id ?? null, limit + 1],
  );
  return rows;
}
