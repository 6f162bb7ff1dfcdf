import type { Queryable } from '../../pool';
import type { SealedSecret } from './secrets';

export interface WebhookTargetRow {
  provider: string;
  /** All that are current, the oldest first. */
  secrets: SealedSecret[];
}

interface Row {
  integration_id: string;
  provider: string;
  id: string | null;
  sealed: Buffer;
}

/** What verifying webhooks for these integrations needs; those that there aren't are not in it. */
export async function readWebhookTargets(
  db: Queryable,
  integrationIds: readonly string[],
): Promise<Map<string, WebhookTargetRow>> {
  const { rows } = await db.query<Row>({
    name: 'webhook-targets',
    text: `SELECT i.id AS integration_id, i.provider, s.id, s.secret AS sealed FROM integrations i
           LEFT JOIN integration_secrets s ON s.integration_id = i.id AND s.purpose = 'webhook'
           WHERE i.id = ANY ($1::text[]) AND i.deleted_at IS NULL ORDER BY s.created_at, s.id`,
    values: [integrationIds],
  });
  const targets = new Map<string, WebhookTargetRow>();
  for (const { integration_id: integrationId, provider, id, sealed } of rows) {
    const target = targets.get(integrationId) ?? { provider, secrets: [] };
    if (id !== null) target.secrets.push({ id, sealed });
    targets.set(integrationId, target);
  }
  return targets;
}
