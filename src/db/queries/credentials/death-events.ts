import type { Queryable } from '../../pool';

interface Hastened {
  id: string;
  version: number;
}

/**
 * Makes due, for the usable credentials of these integrations, what tells whether their grants live: a probe, or a
 * refresh where the provider has no address to ask. Each credential once a minute.
 *
 * @param askable names of the providers that have one
 */
export async function hastenQuestions(
  db: Queryable,
  integrationIds: readonly string[],
  askable: readonly string[],
): Promise<Hastened[]> {
  const { rows } = await db.query<Hastened>(
    `WITH due AS MATERIALIZED (
       SELECT k.id FROM credentials k
       WHERE k.id IN (
           SELECT l.credential_id FROM integration_credentials l
           JOIN integrations i ON i.id = l.integration_id
           WHERE i.id = ANY ($1::text[]) AND i.deleted_at IS NULL AND i.provider = k.provider)
         AND credential_is_usable(k.state) AND NOT k.external
         AND coalesce(k.death_event_at <= now() - interval '1 minute', true)
       ORDER BY k.id FOR NO KEY UPDATE
     )
     UPDATE credentials k
     SET death_event_at = now(),
         probe_at = CASE WHEN k.provider = ANY ($2::text[]) THEN now() ELSE k.probe_at END,
         refresh_at = CASE WHEN k.provider = ANY ($2::text[]) OR k.refresh_token IS NULL
                           THEN k.refresh_at ELSE now() END
     FROM due WHERE k.id = due.id
     RETURNING k.id, k.version`,
    [integrationIds, askable],
  );
  return rows;
}
