import type { Queryable } from '../pool';
import type { SecretPurpose } from './integrations/secrets';

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
