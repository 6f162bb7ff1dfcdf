import { errorSql } from '../deliveries/failing-destinations';
import type { Queryable } from '../../pool';

const interval = (ms: string) => `${ms}::float8 * interval '1 millisecond'`;

/**
 * Of `failing_destinations f`: it has failed for that long, by attempts that were made or are to be made. One failure that
 * nothing came after is none; nor is what nobody tries any more, since it is switched off or held.
 *
 * @param afterMs SQL
 */
const lastsSql = (afterMs: string) => `
  f.since <= now() - ${interval(afterMs)}
  AND coalesce(f.next_attempt_at, f.last_failed_at) >= f.since + ${interval(afterMs)}
  AND EXISTS (SELECT FROM integrations i
              WHERE i.id = f.integration_id AND i.status = 'ENABLED' AND i.deleted_at IS NULL
                AND NOT EXISTS (SELECT FROM holds h WHERE h.user_id IN ('', i.user_id)))`;

/** Ends the incidents of origins where nothing fails any more, of which no trigger knew. */
export async function endOriginIncidents(db: Queryable): Promise<void> {
  await db.query(
    `DELETE FROM failing_origins o WHERE NOT EXISTS (
       SELECT FROM failing_destinations f WHERE f.origin = o.origin)`,
  );
}

/** Origins that have failed for that long, and of which nobody was told; those that fail longest first. */
export async function unnotifiedOrigins(
  db: Queryable,
  { afterMs, limit }: { afterMs: number; limit: number },
): Promise<string[]> {
  const { rows } = await db.query<{ origin: string }>(
    `SELECT f.origin FROM failing_destinations f
     WHERE ${lastsSql('$1')}
       AND NOT EXISTS (SELECT FROM failing_origins o WHERE o.origin = f.origin)
     GROUP BY f.origin ORDER BY min(f.since) LIMIT $2::int`,
    [afterMs, limit],
  );
  return rows.map(({ origin }) => origin);
}

export interface OriginIncident {
  /** The one that began it. */
  integrationId: string;
  since: Date;
  error: string;
  /** How many fail there. */
  integrations: number;
  at: Date;
}

/** @returns null where somebody was told of it already, or it doesn't fail any more */
export async function beginOriginIncident(
  client: Queryable,
  origin: string,
  afterMs: number,
): Promise<OriginIncident | null> {
  const { rows } = await client.query<OriginIncident>(
    `WITH first AS (
       SELECT f.integration_id, f.since, ${errorSql('f')} AS error FROM failing_destinations f
       WHERE f.origin = $1::text AND ${lastsSql('$2')}
       ORDER BY f.since, f.integration_id LIMIT 1
     ), begun AS (
       INSERT INTO failing_origins (origin, integration_id, since)
       SELECT $1::text, integration_id, since FROM first
       ON CONFLICT DO NOTHING RETURNING notified_at AS at
     )
     SELECT first.integration_id AS "integrationId", first.since, first.error, begun.at,
            (SELECT count(*) FROM failing_destinations f WHERE f.origin = $1::text)::int
              AS integrations
     FROM first CROSS JOIN begun`,
    [origin, afterMs],
  );
  return rows[0] ?? null;
}
