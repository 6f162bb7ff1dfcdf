import type { Queryable } from '../../pool';

/** Its tokens are the application's: it begins alive, and only messages move it. */
export async function insertExternalCredential(
  client: Queryable,
  credential: {
    id: string;
    userId: string;
    provider: string;
    accountId: string | null;
    /** JSON text. */
    parameters: string | null;
  },
): Promise<void> {
  await client.query(
    `INSERT INTO credentials (id, user_id, provider, version, state, external, account_id, parameters)
     VALUES ($1::text, $2::text, $3::text, 1, 'alive', true, $4::text, $5::json)`,
    [
      ...[credential.id, credential.userId, credential.provider, credential.accountId],
      credential.parameters,
    ],
  );
}

/** Which ones: all of an integration's, or those of them that are named. */
interface Of {
  integrationId: string;
  credentialIds: readonly string[] | 'all';
}

/**
 * The application says that its tokens work again: dead ones live on as another version, so that whatever is said about
 * the one before comes too late.
 *
 * @returns those that were dead
 */
export async function reviveExternal(
  db: Queryable,
  { integrationId, credentialIds }: Of,
): Promise<{ id: string; version: number }[]> {
  const { rows } = await db.query<{ id: string; version: number }>(
    `UPDATE credentials
     SET state = 'alive', code = NULL, version = version + 1, updated_at = now()
     WHERE external AND state = 'dead' AND ($2::text[] IS NULL OR id = ANY ($2::text[]))
       AND id IN (
         SELECT credential_id FROM integration_credentials WHERE integration_id = $1::text)
     RETURNING id, version`,
    [integrationId, credentialIds === 'all' ? null : credentialIds],
  );
  return rows;
}
