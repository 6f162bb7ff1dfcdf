import type { FailingDestination } from '../../../../workflows/contract/status';
import { destinationOrigin } from '../../../deliveries/destination-origin';
import type { Queryable } from '../../pool';
import type { IntegrationSettings } from '../integrations/settings';

/** What an attempt has said of its destination, where that has to be written. */
export type DestinationNews =
  /** The attempt failed because of it. */
  | { kind: 'fails'; origin: string }
  /** The first success, or other answer, after that. */
  | { kind: 'answers' };

/**
 * Why a destination fails, for histories, logs and notifications: what a handler throws may quote a body.
 * @param row the SQL name of a row of `failing_destinations`
 */
export const errorSql = (row: string) => `
  CASE WHEN starts_with(${row}.origin, 'handler:') THEN 'the handler fails: its attempts say why'
       ELSE left(${row}.error, 200) END`;

/** A row of `failing_destinations` for an actor's history; null where there is none. @param row its SQL name */
export const failingSql = (row: string) => `
  CASE WHEN ${row}.integration_id IS NOT NULL THEN json_build_object(
    'origin', ${row}.origin, 'since', ${row}.since, 'error', ${errorSql(row)},
    'nextAttemptAt', ${row}.next_attempt_at) END`;

/** As Postgres writes its times in JSON, in UTC. */
export const failingOf = (row: FailingDestination | null): FailingDestination | null =>
  row && {
    ...row,
    since: new Date(row.since).toISOString(),
    nextAttemptAt: row.nextAttemptAt && new Date(row.nextAttemptAt).toISOString(),
  };

/**
 * Common table expressions that write what an attempt has said, where `marked` has a row. One that has succeeded is not met
 * with a statement of its own: the drain knows from its lease whether there is anything to end.
 *
 * @param error SQL, as are the others
 * @param waitMs milliseconds until it is tried again, or null
 */
export const newsCtes = {
  fails: (integrationId: string, origin: string, error: string, waitMs: string) => `
    failing AS (
      INSERT INTO failing_destinations AS f (integration_id, origin, error, next_attempt_at)
      SELECT i.id, ${origin}::text, ${error}, now() + ${waitMs} * interval '1 millisecond'
      FROM marked JOIN integrations i ON i.id = ${integrationId}::text AND i.deleted_at IS NULL
      ON CONFLICT (integration_id) DO UPDATE SET
        origin = excluded.origin, error = excluded.error, last_failed_at = excluded.last_failed_at,
        since = CASE WHEN f.origin = excluded.origin THEN f.since ELSE excluded.since END,
        next_attempt_at = least(excluded.next_attempt_at,
                                CASE WHEN f.next_attempt_at > now() THEN f.next_attempt_at END)
      RETURNING f.*
    )`,
  answers: (integrationId: string) => `
    answered AS (
      DELETE FROM failing_destinations f USING marked WHERE f.integration_id = ${integrationId}::text
    )`,
};

/** Deliveries go elsewhere from now on: nothing is known of that yet. What is in flight may still say that the old one fails. */
export async function forgetOldDestination(
  client: Queryable,
  integrationId: string,
  before: IntegrationSettings,
  after: IntegrationSettings,
): Promise<void> {
  if (destinationOrigin(before) === destinationOrigin(after)) return;
  await client.query('DELETE FROM failing_destinations WHERE integration_id = $1::text', [
    integrationId,
  ]);
}

/**
 * Of an integration where nothing is tried any more (its deliveries were dead-lettered, expired or deleted, or it isn't
 * ENABLED) no success will ever say that the destination answers: an hour later nobody knows. What still waits is tried once
 * the workers are back, or the hold is lifted, and says so itself: it is the same incident.
 *
 * @returns whose they were
 */
export async function dropStaleFailures(db: Queryable, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `DELETE FROM failing_destinations WHERE integration_id IN (
       SELECT integration_id FROM failing_destinations f
       WHERE coalesce(next_attempt_at, last_failed_at) < now() - interval '1 hour'
         AND NOT EXISTS (
           SELECT FROM integrations i JOIN deliveries d ON d.integration_id = i.id
           WHERE i.id = f.integration_id AND i.status = 'ENABLED' AND d.state = 'pending')
       LIMIT $1::int FOR UPDATE SKIP LOCKED)
     RETURNING integration_id AS id`,
    [limit],
  );
  return rows.map(({ id }) => id);
}
