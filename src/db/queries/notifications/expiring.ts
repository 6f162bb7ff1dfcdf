import { expiringWithinMs } from '../../../credentials/policy';
import type { Queryable } from '../../pool';
import { type CredentialUse, usesSql } from './degraded';

const interval = (ms: string) => `${ms}::float8 * interval '1 millisecond'`;

/**
 * When a row of `credentials` ends whatever one does; null where nobody knows, or a refresh moves it. Without a refresh
 * token that is its access token's end, unless that was as near when the token came: who lives with such tokens
 * replaces them.
 *
 * @param noticeMs the parameter that is `expiringWithinMs`
 */
export const foreseenEndSql = (noticeMs: string) => `least(
  CASE WHEN refresh_end_is_fixed THEN refresh_expires_at END,
  CASE WHEN refresh_token IS NULL AND expires_at - obtained_at > ${interval(noticeMs)}
       THEN expires_at END)`;

/** When people are told of that end; null where they were. One that moves by less than a day is the same. */
export const expiringNoticeAtSql = (noticeMs: string) => `
  CASE WHEN credential_is_usable(state) AND ${foreseenEndSql(noticeMs)} > now()
        AND coalesce(expiring_notified_for < ${foreseenEndSql(noticeMs)} - interval '1 day', true)
       THEN ${foreseenEndSql(noticeMs)} - ${interval(noticeMs)} END`;

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
       UPDATE credentials SET expiring_notified_for = ${foreseenEndSql('$2')}
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
