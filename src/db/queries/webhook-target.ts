import type { Queryable } from '../pool';
import { readSealedSecrets, type SealedSecret } from './sealed-secrets';

export interface WebhookTargetRow {
  provider: string;
  secrets: SealedSecret[];
}

/** What verifying a webhook for an integration needs; null where there is no such integration. */
export async function readWebhookTarget(
  db: Queryable,
  integrationId: string,
): Promise<WebhookTargetRow | null> {
  const { rows } = await db.query<{ provider: string }>(
    'SELECT provider FROM integrations WHERE id = $1::text AND deleted_at IS NULL',
    [integrationId],
  );
  const [row] = rows;
  if (row === undefined) return null;
  return { ...row, secrets: await readSealedSecrets(db, integrationId, 'webhook') };
}
