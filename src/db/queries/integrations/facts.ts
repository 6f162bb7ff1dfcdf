import type {
  CredentialState,
  DeathCode,
  IntegrationStatus,
  Reason,
  ReasonCode,
  IntegrationFacts,
} from '../../../../workflows/contract/status';
import type { Queryable } from '../../pool';

/**
 * Of `integration_credentials l`: tokens were stored after the switch-off, and asked for an end of it. The actor
 * and the sweep go by the same words: else the one rings for ever for what the other doesn't do.
 */
export const resumeAskedSql =
  'coalesce(bool_or(l.resume_version > coalesce(l.disabled_version, -1)), false)';

interface Row {
  user_id: string;
  name: string;
  provider: string;
  status: IntegrationStatus;
  status_since: Date;
  transition: number;
  reason_code: ReasonCode | null;
  reason_credential: string | null;
  reason_message: string | null;
  reason_by: string | null;
  reason_since: Date | null;
  credentials: {
    name: string;
    id: string;
    version: number;
    state: CredentialState;
    code: DeathCode | null;
  }[];
  resume_asked: boolean;
}

const factsSql = `
  SELECT i.user_id, i.name, i.provider, i.status, i.status_since, i.transition, i.reason_code,
         i.reason_credential, i.reason_message, i.reason_by, i.reason_since,
         coalesce(c.credentials, '[]') AS credentials, c.resume_asked
  FROM integrations i
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('name', l.name, 'id', k.id, 'version', k.version,
                    'state', k.state, 'code', CASE WHEN k.state = 'dead' THEN k.code END)
                    ORDER BY l.name) AS credentials,
           ${resumeAskedSql} AS resume_asked
    FROM integration_credentials l JOIN credentials k ON k.id = l.credential_id
    WHERE l.integration_id = i.id
  ) c
  WHERE i.id = $1::text AND i.deleted_at IS NULL`;

/** @returns null where there is no such integration */
export async function readIntegrationFacts(
  db: Queryable,
  integrationId: string,
): Promise<IntegrationFacts | null> {
  const { rows } = await db.query<Row>(factsSql, [integrationId]);
  const [row] = rows;
  if (row === undefined) return null;
  return {
    userId: row.user_id,
    name: row.name,
    provider: row.provider,
    status: row.status,
    since: row.status_since.toISOString(),
    transition: row.transition,
    reason: reasonOf(row),
    credentials: row.credentials,
    resumeAsked: row.resume_asked,
  };
}

function reasonOf(row: Row): Reason | null {
  if (row.reason_code === null) return null;
  return {
    code: row.reason_code,
    credential: row.reason_credential,
    message: row.reason_message ?? '',
    by: row.reason_by ?? 'system',
    since: (row.reason_since ?? row.status_since).toISOString(),
  };
}
