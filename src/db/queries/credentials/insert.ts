import type { CredentialState } from '../../../../workflows/contract/status';
import type { Queryable } from '../../pool';

/** A row without tokens yet, `missing` at version 0; `storeTokens` brings them. */
export async function insertCredential(
  client: Queryable,
  credential: { id: string; userId: string; provider: string; parameters: string | null },
): Promise<void> {
  await client.query(
    `INSERT INTO credentials (id, user_id, provider, state, code, parameters)
     VALUES ($1::text, $2::text, $3::text, 'missing', 'not_connected', $4::json)`,
    [credential.id, credential.userId, credential.provider, credential.parameters],
  );
}

export interface ShareableCredential {
  id: string;
  state: CredentialState;
  code: string | null;
  accountId: string | null;
  /** What fills the provider's addresses for it. */
  parameters: Record<string, string> | null;
}

/** Of older rows without any: those of an integration that they were connected for. */
const parametersSql = `coalesce(parameters, (
  SELECT i.parameters FROM integration_credentials l JOIN integrations i ON i.id = l.integration_id
  WHERE l.credential_id = credentials.id AND i.parameters IS NOT NULL ORDER BY i.created_at LIMIT 1))
  AS parameters`;

/**
 * The credentials of a user at a provider among the named ones. They are locked until the transaction's
 * end, so that whoever marks one dead after that sees its new integration.
 */
export async function lockShareable(
  client: Queryable,
  { userId, provider, ids }: { userId: string; provider: string; ids: readonly string[] },
): Promise<ShareableCredential[]> {
  const { rows } = await client.query<ShareableCredential>(
    `SELECT id, state, code, account_id AS "accountId", ${parametersSql} FROM credentials
     WHERE id = ANY ($1::text[]) AND user_id = $2::text AND provider = $3::text
     ORDER BY id FOR SHARE`,
    [ids, userId, provider],
  );
  return rows;
}

/** @param hash keyed hash of the refresh token that led to it @returns `isCurrent`: its row holds that refresh token */
export async function lockHolder(
  client: Queryable,
  { id, hash }: { id: string; hash: Buffer | null },
): Promise<(ShareableCredential & { isCurrent: boolean }) | undefined> {
  const { rows } = await client.query<ShareableCredential & { isCurrent: boolean }>(
    `SELECT id, state, code, account_id AS "accountId", ${parametersSql},
            refresh_token_hash IS NOT DISTINCT FROM $2::bytea AS "isCurrent"
     FROM credentials WHERE id = $1::text FOR UPDATE`,
    [id, hash],
  );
  return rows[0];
}

export async function linkCredential(
  client: Queryable,
  link: { integrationId: string; name: string; credentialId: string },
): Promise<void> {
  await client.query(
    `INSERT INTO integration_credentials (integration_id, name, credential_id)
     VALUES ($1::text, $2::text, $3::text)`,
    [link.integrationId, link.name, link.credentialId],
  );
}
