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
  /** Who counts as one source: an IPv6 address by its /64. Null: several sources. */
  sourceKey: string | null;
}

export interface NewRejections extends RejectionKey {
  /** The last one's; null of several sources. */
  sourceAddress: string | null;
  count: number;
  /** How long ago the first and the last of them were. */
  firstAgoMs: number;
  lastAgoMs: number;
  /** The last one's. */
  sizeBytes: number;
}

/**
 * Sources that are kept by themselves of an integration's rejections for one reason, and of a provider's: with some twenty
 * reasons that is a thousand rows. What comes from further ones is one row. The first half stay whatever comes; a further source
 * takes the place of the one of the others that came last the longest time ago, whose count goes to that row: evidence is
 * masked neither by noise that came before it nor by what comes after.
 */
const keptSources = 50;
/** The same where the events name accounts, which nobody invents who can't sign. */
const keptAccounts = 500;

/**
 * Adds them to what is kept. Gateways take turns: they delete and add the same rows, and would wait for each other in a circle.
 * What one has added since another began to wait may keep a few more than the most.
 */
export async function addRejections(db: Queryable, batch: readonly NewRejections[]): Promise<void> {
  await db.query(
    `WITH turn AS MATERIALIZED (
       SELECT pg_advisory_xact_lock(hashtextextended('holdfast.rejections', 0))
     ), there AS MATERIALIZED (
       SELECT id FROM integrations WHERE id = ANY ($3::text[]) AND EXISTS (SELECT FROM turn)
       ORDER BY id FOR KEY SHARE
     ), given AS MATERIALIZED (
       SELECT g.*, EXISTS (SELECT FROM rejections r WHERE r.hash = g.hash) AS is_kept,
              now() - first_ago * interval '1 ms' AS first_at, now() - last_ago * interval '1 ms' AS at
       FROM unnest($1::bytea[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                   $8::bigint[], $9::float8[], $10::float8[], $11::int[])
         AS g (hash, rest_hash, integration_id, provider, account, reason, source_address,
               count, first_ago, last_ago, size_bytes)
       WHERE CASE WHEN EXISTS (SELECT FROM turn) THEN g.integration_id IS NULL
         OR g.integration_id IN (SELECT id FROM there) END
     ), kept AS MATERIALIZED (
       SELECT k.rest_hash, m.*, row_number() OVER (
                PARTITION BY k.rest_hash ORDER BY m.first_at, m.id) AS place
       FROM (SELECT DISTINCT rest_hash, integration_id, provider, reason FROM given WHERE NOT is_kept) k
       CROSS JOIN LATERAL (
         SELECT r.id, r.hash, r.first_at, r.at FROM rejections r
         WHERE r.integration_id = k.integration_id AND r.reason = k.reason AND r.hash <> k.rest_hash
         UNION ALL
         SELECT r.id, r.hash, r.first_at, r.at FROM rejections r
         WHERE k.integration_id IS NULL AND r.integration_id IS NULL AND r.provider = k.provider
           AND r.reason = k.reason AND r.hash <> k.rest_hash
       ) m
     ), places AS MATERIALIZED (
       SELECT g.rest_hash, n.most, n.count,
              least(count(*), greatest(n.most - n.count + n.replaceable, 0)) AS new
       FROM (SELECT *, CASE WHEN account IS NULL THEN $12::int ELSE $13::int END AS most FROM given) g
       CROSS JOIN LATERAL (
         SELECT g.most, count(*) AS count,
                count(*) FILTER (
                  WHERE k.place > g.most / 2 AND k.hash NOT IN (SELECT hash FROM given)) AS replaceable
         FROM kept k WHERE k.rest_hash = g.rest_hash
       ) n
       WHERE NOT g.is_kept GROUP BY g.rest_hash, n.most, n.count, n.replaceable
     ), displaced AS (
       DELETE FROM rejections r USING (
         SELECT k.id, k.rest_hash, p.count + p.new - p.most AS surplus,
                row_number() OVER (PARTITION BY k.rest_hash ORDER BY k.at, k.id) AS place
         FROM kept k JOIN places p ON p.rest_hash = k.rest_hash
         WHERE k.place > p.most / 2 AND k.hash NOT IN (SELECT hash FROM given)
       ) k
       WHERE r.id = k.id AND k.place <= k.surplus
       RETURNING k.rest_hash AS hash, r.integration_id, r.provider, r.reason, r.count, r.first_at, r.at,
                 r.size_bytes
     ), ranked AS (
       SELECT g.*, g.is_kept OR p.new >= row_number() OVER (
                PARTITION BY g.rest_hash, g.is_kept ORDER BY g.at DESC, g.hash) AS by_itself
       FROM given g LEFT JOIN places p ON p.rest_hash = g.rest_hash
     ), added AS (
       SELECT CASE WHEN by_itself THEN hash ELSE rest_hash END AS hash, integration_id, provider,
              CASE WHEN by_itself THEN account END AS account, reason,
              CASE WHEN by_itself THEN source_address END AS source_address,
              count, first_at, at, size_bytes
       FROM ranked
       UNION ALL
       SELECT hash, integration_id, provider, NULL, reason, NULL, count, first_at, at, size_bytes
       FROM displaced
     )
     INSERT INTO rejections AS r
       (hash, integration_id, provider, account, reason, source_address, count, first_at, at, size_bytes)
     SELECT hash, integration_id, provider, account, reason,
            (array_agg(source_address ORDER BY at DESC))[1], sum(count), min(first_at), max(at),
            (array_agg(size_bytes ORDER BY at DESC))[1]
     FROM added GROUP BY hash, integration_id, provider, account, reason ORDER BY hash
     ON CONFLICT (hash) DO UPDATE
     SET count = r.count + excluded.count, at = greatest(r.at, excluded.at),
         first_at = least(r.first_at, excluded.first_at),
         source_address = excluded.source_address, size_bytes = excluded.size_bytes`,
    [
      batch.map(hashOf),
      batch.map((one) => hashOf({ ...one, account: null, sourceKey: null })),
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
function hashOf({ integrationId, provider, account, reason, sourceKey }: RejectionKey): Buffer {
  const key = JSON.stringify([integrationId, provider, account, reason, sourceKey]);
  return createHash('sha256').update(key).digest();
}

export interface RejectionRow extends PageKey {
  /** The last one's time. */
  at: Date;
  firstAt: Date;
  count: number;
  reason: string;
  /** The last one's, of the /64 of an IPv6 address; null: of several sources. */
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
