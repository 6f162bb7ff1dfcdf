import { expiringWithinMs } from '../../../credentials/policy';
import type { Queryable } from '../../pool';
import { type CredentialUse, usesSql } from './degraded';

const interval = (ms: string) => `${ms}::float8 * interval '1 millisecond'`;

/**
 * When a row of `credentials` ends whatever one does; null where nobody knows, or a refresh moves it. Without a refresh
 * token that is its access token's end, unless that was as near when the token came: who lives with such tokens
 * replaces them.
 *
 * @param k the table's name in the statement
 * @param withinMs the parameter that is `expiringWithinMs`
 */
export const foreseenEndSql = (k: string, withinMs: string) => `least(
  CASE WHEN ${k}.refresh_end_is_fixed THEN ${k}.refresh_expires_at END,
  CASE WHEN ${k}.refresh_token IS NULL AND ${k}.expires_at - ${k}.obtained_at > ${interval(withinMs)}
       THEN ${k}.expires_at END)`;

/** When people are told of that end; null where they were. One that moves by less than a day is the same. */
export const expiringNoticeAtSql = (withinMs: string) => `
  CASE WHEN credential_is_usable(state) AND ${foreseenEndSql('credentials', withinMs)} > now()
        AND coalesce(expiring_notified_for < ${foreseenEndSql('credentials', withinMs)} - interval '1 day', true)
       THEN ${foreseenEndSql('credentials', withinMs)} - ${interval(withinMs)} END`;

/**
 * Marks that people are told of a credential that ends within `expiringWithinMs`; once for each end.
 *
 * @returns when it ends and whom it concerns; null where nobody is to be told (any more)
 */
export async function takeExpiringNotification(
  db: Queryable,
  credentialId: string,
): Promise<{ expiresAt: Date; at: Date; uses: CredentialUse[] } | null> {
  const { rows } = await db.query<{ expiresAt: Date; at: Date; uses: CredentialUse[] }>(
    `WITH noticed AS (
       UPDATE credentials SET expiring_notified_for = ${foreseenEndSql('credentials', '$2')}
       WHERE id = $1::text AND ${expiringNoticeAtSql('$2')} <= now()
       RETURNING id, expiring_notified_for
     )
     SELECT n.expiring_notified_for AS "expiresAt", now() AS at, ${usesSql} AS uses
     FROM noticed n
     LEFT JOIN integration_credentials l ON l.credential_id = n.id
     LEFT JOIN integrations i ON i.id = l.integration_id AND i.deleted_at IS NULL
     GROUP BY n.expiring_notified_for`,
    [credentialId, expiringWithinMs],
  );
  return rows[0] ?? null;
}
