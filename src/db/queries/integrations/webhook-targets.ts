import type { Queryable } from '../../pool';
import type { SealedSecret } from './secrets';

export interface WebhookTargetRow {
  userId: string;
  provider: string;
  /** All that are current, the oldest first. */
  secrets: SealedSecret[];
  /** Whose events are the integration's: the account that it names, else those of its credentials, `main` first. */
  accounts: string[];
  /** The integration names the account itself, as its events do. */
  isNamed: boolean;
  /** The provider named or confirmed the account of one of its credentials. */
  isProven: boolean;
}

interface Row {
  accounts: string[];
  is_named: boolean;
  is_proven: boolean;
  integration_id: string;
  user_id: string;
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
    text: `SELECT i.id AS integration_id, i.user_id, i.provider, s.id, s.secret AS sealed,
             CASE WHEN i.webhook_account IS NOT NULL THEN ARRAY[i.webhook_account] ELSE ARRAY(
               SELECT k.account_id FROM integration_credentials l
               JOIN credentials k ON k.id = l.credential_id
               WHERE l.integration_id = i.id AND k.account_id IS NOT NULL
               ORDER BY l.name = 'main' DESC, l.name) END AS accounts,
             i.webhook_account IS NOT NULL AS is_named,
             EXISTS (
               SELECT FROM integration_credentials l JOIN credentials k ON k.id = l.credential_id
               WHERE l.integration_id = i.id AND k.account_proven) AS is_proven
           FROM integrations i
           LEFT JOIN integration_secrets s ON s.integration_id = i.id AND s.purpose = 'webhook'
           WHERE i.id = ANY ($1::text[]) AND i.deleted_at IS NULL ORDER BY s.created_at, s.id`,
    values: [integrationIds],
  });
  const targets = new Map<string, WebhookTargetRow>();
  for (const { integration_id: integrationId, id, sealed, ...row } of rows) {
    const { user_id: userId, provider, accounts, is_named: isNamed, is_proven: isProven } = row;
    const target = targets.get(integrationId) ?? {
      ...{ userId, provider, accounts, isNamed, isProven },
      secrets: [],
    };
    if (id !== null) target.secrets.push({ id, sealed });
    targets.set(integrationId, target);
  }
  return targets;
}
