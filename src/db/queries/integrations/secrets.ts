import type { Queryable } from '../../pool';

export type SecretPurpose = 'webhook' | 'destination';

interface SecretRow {
  id: string;
  createdAt: Date;
}

interface NewSecret {
  id: string;
  integrationId: string;
  purpose: SecretPurpose;
  /** Context `integration_secrets.secret:<id>`. */
  sealed: Buffer;
  /** Of its key. */
  lengthBytes: number;
}

export async function insertSecret(client: Queryable, secret: NewSecret): Promise<Date> {
  const { rows } = await client.query<{ at: Date }>(
    `INSERT INTO integration_secrets (id, integration_id, purpose, secret, length)
     VALUES ($1::text, $2::text, $3::text, $4::bytea, $5::int) RETURNING created_at AS at`,
    [secret.id, secret.integrationId, secret.purpose, secret.sealed, secret.lengthBytes],
  );
  return rows[0]?.at ?? new Date();
}

/** Of webhooks, among those whose length is known. */
export async function countShortSecrets(db: Queryable, belowBytes: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM integration_secrets
     WHERE purpose = 'webhook' AND length < $1::int`,
    [belowBytes],
  );
  return rows[0]?.count ?? 0;
}

/** Newest first, without the secrets themselves. */
export async function listSecrets(
  client: Queryable,
  integrationId: string,
  purpose: SecretPurpose,
): Promise<SecretRow[]> {
  const { rows } = await client.query<SecretRow>(
    `SELECT id, created_at AS "createdAt" FROM integration_secrets
     WHERE integration_id = $1::text AND purpose = $2::text ORDER BY created_at DESC, id DESC`,
    [integrationId, purpose],
  );
  return rows;
}

export async function deleteSecret(client: Queryable, id: string): Promise<void> {
  await client.query('DELETE FROM integration_secrets WHERE id = $1::text', [id]);
}

/** Holds an integration's row until the transaction's end. @returns false where there is none */
export async function lockIntegration(client: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT FROM integrations WHERE id = $1::text AND deleted_at IS NULL FOR UPDATE',
    [id],
  );
  return rowCount === 1;
}

export interface SealedSecret {
  id: string;
  /** Context `integration_secrets.secret:<id>`. */
  sealed: Buffer;
}

/** All that are current, the oldest first. */
export async function readSealedSecrets(
  db: Queryable,
  integrationId: string,
  purpose: SecretPurpose,
): Promise<SealedSecret[]> {
  const { rows } = await db.query<SealedSecret>(
    `SELECT id, secret AS sealed FROM integration_secrets
     WHERE integration_id = $1::text AND purpose = $2::text ORDER BY created_at, id`,
    [integrationId, purpose],
  );
  return rows;
}
