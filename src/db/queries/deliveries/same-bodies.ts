import type { Queryable } from '../../pool';

/** A body as one integration gets it, where the same bytes are a repeat for some time. */
export interface SameBody {
  integrationId: string;
  /** SHA-256 of the bytes. */
  hash: Buffer;
  /** How long the same bytes are a repeat, where these are the first. */
  seconds: number;
}

interface Row {
  integration_id: string;
  hash: Buffer;
  until: string;
}

/**
 * Until when the same bytes are repeats of their first: the first sets it, the others find it, also at the same moment and
 * in another gateway; times are the database's alone. It stands for the first even if that was not stored after all.
 *
 * @returns microseconds since 1970 for each, in their order; null where there is no such integration
 */
export async function claimSameBodies(
  db: Queryable,
  bodies: readonly SameBody[],
): Promise<(string | null)[]> {
  const { rows } = await db.query<Row>({
    name: 'claim-same-bodies',
    // Integrations are locked as deletion wants it: one that is just being deleted would fail the key to it. Rows are
    // taken in their order: two gateways with the same bodies would deadlock.
    text: `
      WITH there AS MATERIALIZED (
        SELECT id FROM integrations WHERE id = ANY ($1::text[]) AND deleted_at IS NULL
        ORDER BY id FOR KEY SHARE
      )
      INSERT INTO same_bodies AS s (integration_id, hash, until)
      SELECT b.integration_id, decode(b.hash, 'hex'), now() + make_interval(secs => max(b.seconds))
      FROM unnest($1::text[], $2::text[], $3::int[]) AS b (integration_id, hash, seconds)
      JOIN there ON there.id = b.integration_id
      GROUP BY b.integration_id, b.hash ORDER BY b.integration_id, b.hash
      ON CONFLICT (integration_id, hash) DO UPDATE
        SET until = CASE WHEN s.until < now() THEN excluded.until ELSE s.until END
      RETURNING integration_id, hash, (extract(epoch FROM until) * 1000000)::bigint::text AS until`,
    values: [
      bodies.map(({ integrationId }) => integrationId),
      bodies.map(({ hash }) => hash.toString('hex')),
      bodies.map(({ seconds }) => seconds),
    ],
  });
  const found = new Map(rows.map((row) => [nameOf(row.integration_id, row.hash), row.until]));
  return bodies.map(({ integrationId, hash }) => found.get(nameOf(integrationId, hash)) ?? null);
}

const nameOf = (integrationId: string, hash: Buffer) => `${integrationId} ${hash.toString('hex')}`;
