import type { CredentialState, IntegrationStatus } from '../../../../workflows/contract/status';
import type { Queryable } from '../../pool';

/** One of an integration's credentials, with its access token as it is stored. */
export interface IntegrationCredential {
  integrationId: string;
  userId: string;
  /** The integration's name. */
  integrationName: string;
  integrationStatus: IntegrationStatus;
  /** The credential's name within the integration. */
  name: string;
  credentialId: string;
  provider: string;
  version: number;
  state: CredentialState;
  code: string | null;
  sealedAccessToken: Buffer | null;
  hasRefreshToken: boolean;
  expiresAt: Date | null;
  /** Its time for a refresh has come, and no earlier failure is waited out. */
  refreshDue: boolean;
  /** The provider's API has been refusing it lately. */
  refused: boolean;
  /** The application keeps its tokens. */
  external: boolean;
  accountId: string | null;
  accountLabel: string | null;
  /** Parts of the provider's addresses that the connection brought. */
  parameters: Record<string, string> | null;
}

/**
 * @param name absent: the credential that needs a person most, else `main`, else the first
 * @returns undefined where there is no such integration or it has no such credential
 */
export async function readIntegrationCredential(
  client: Queryable,
  integrationId: string,
  name?: string,
): Promise<IntegrationCredential | undefined> {
  const { rows } = await client.query<IntegrationCredential>(
    `SELECT i.id AS "integrationId", i.user_id AS "userId", i.name AS "integrationName",
            i.status AS "integrationStatus", l.name,
            c.id AS "credentialId", c.provider, c.version, c.state, c.code,
            c.access_token AS "sealedAccessToken",
            c.refresh_token IS NOT NULL AS "hasRefreshToken",
            c.expires_at AS "expiresAt",
            credential_refresh_due(c.refresh_at, c.expires_at, c.retry_at,
                                   waits_out_failure => true) AS "refreshDue",
            c.refused_since IS NOT NULL AS refused, c.external, c.account_id AS "accountId",
            c.account_label AS "accountLabel", coalesce(c.parameters, i.parameters) AS parameters
       FROM integrations i
       JOIN integration_credentials l ON l.integration_id = i.id
       JOIN credentials c ON c.id = l.credential_id
      WHERE i.id = $1::text AND i.deleted_at IS NULL AND ($2::text IS NULL OR l.name = $2::text)
      ORDER BY credential_rank(c.state), c.expiring_notified_for IS NULL, l.name = 'main' DESC, l.name
      LIMIT 1`,
    [integrationId, name ?? null],
  );
  return rows[0];
}

export async function integrationExists(
  client: Queryable,
  integrationId: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT FROM integrations WHERE id = $1::text AND deleted_at IS NULL',
    [integrationId],
  );
  return rowCount === 1;
}
