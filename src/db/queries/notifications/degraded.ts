import { degradedNoticeMs } from '../../../credentials/policy';
import type { Queryable } from '../../pool';
import { underAppFaultSql } from '../credentials/app-faults';

export interface CredentialUse {
  integrationId: string;
  /** The credential's name within the integration. */
  name: string;
}

/** Of `integration_credentials` l and `integrations` i. */
export const usesSql = `coalesce(json_agg(json_build_object('integrationId', i.id, 'name', l.name)
  ORDER BY i.id) FILTER (WHERE i.id IS NOT NULL), '[]')`;

/**
 * Marks that people are told of a credential that has been failing for `degradedNoticeMs`; once for each time that it
 * does.
 *
 * @returns why, since when and whom it concerns; null where nobody is to be told (any more)
 */
export async function takeDegradedNotification(
  db: Queryable,
  credentialId: string,
): Promise<{ code: string; since: Date; at: Date; uses: CredentialUse[] } | null> {
  const { rows } = await db.query<{ code: string; since: Date; at: Date; uses: CredentialUse[] }>(
    `WITH noticed AS (
       UPDATE credentials SET degraded_noticed_at = now()
       WHERE id = $1::text AND state = 'degraded'
         AND degraded_since <= now() - $2::float8 * interval '1 millisecond'
         AND coalesce(degraded_noticed_at < degraded_since, true)
         AND NOT ${underAppFaultSql}
       RETURNING id, code, degraded_since
     )
     SELECT coalesce(n.code, 'unknown') AS code, n.degraded_since AS since, now() AS at,
            ${usesSql} AS uses
     FROM noticed n
     LEFT JOIN integration_credentials l ON l.credential_id = n.id
     LEFT JOIN integrations i ON i.id = l.integration_id AND i.deleted_at IS NULL
     GROUP BY n.code, n.degraded_since`,
    [credentialId, degradedNoticeMs],
  );
  return rows[0] ?? null;
}
