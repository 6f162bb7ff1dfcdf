import type { IntegrationStatus } from '../../../../workflows/contract/status';
import type { ErrorReason } from '../../../../workflows/rules';
import {
  defaultHandling,
  type Handling,
  type WhenTokenUnavailable,
} from '../../../deliveries/handling';
import type { Queryable } from '../../pool';

export interface NewIntegration {
  id: string;
  userId: string;
  name: string;
  provider: string;
  /** JSON text. */
  metadata: string | null;
  handler: string;
  destinationUrl: string | null;
  whenError: 'keep' | 'discard';
  whenDisabled: 'keep' | 'discard';
  /** Absent: by default. */
  whenTokenUnavailable?: WhenTokenUnavailable | undefined;
  /** What is left out is by default. */
  handling?: Partial<Handling> | undefined;
  webhookAccount: string | null;
  /** JSON text. */
  parameters: string | null;
  status: IntegrationStatus;
  /** Null where it is ENABLED. */
  reason: (ErrorReason & { by: string }) | null;
}

/** @returns false where the user already has an integration of that name */
export async function insertIntegration(
  client: Queryable,
  integration: NewIntegration,
): Promise<boolean> {
  const { reason } = integration;
  const handling = { ...defaultHandling, ...integration.handling };
  const { rowCount } = await client.query(
    `WITH created AS (
     INSERT INTO integrations (id, user_id, name, provider, metadata, handler, destination_url,
       when_error, when_disabled, webhook_account, parameters, status, reason_code,
       reason_credential, reason_message, reason_by, handling_order, handling_concurrency,
       max_attempts, give_up_after_seconds, reason_credentials, when_token_unavailable, reason_since)
     VALUES ($1::text, $2::text, $3::text, $4::text, $5::json, $6::text, $7::text, $8::text,
       $9::text, $10::text, $11::json, $12::text, $13::text, $14::text, $15::text, $16::text,
       $17::text, $18::int, $19::int, $20::int, $21::text[], $22::text,
       CASE WHEN $13::text IS NULL THEN NULL ELSE now() END)
     ON CONFLICT (user_id, name) DO NOTHING RETURNING id
     )
     INSERT INTO stored_bytes (integration_id, bytes, counted_at) SELECT id, 0, now() FROM created`,
    [
      integration.id,
      integration.userId,
      integration.name,
      integration.provider,
      integration.metadata,
      integration.handler,
      integration.destinationUrl,
      integration.whenError,
      integration.whenDisabled,
      integration.webhookAccount,
      integration.parameters,
      integration.status,
      reason?.code ?? null,
      reason?.credential ?? null,
      reason?.message ?? null,
      reason?.by ?? null,
      handling.order,
      handling.concurrency,
      handling.maxAttempts,
      handling.giveUpAfterSeconds,
      reason?.credentials ?? null,
      integration.whenTokenUnavailable ?? null,
    ],
  );
  return rowCount === 1;
}

/** The audit's row number 0. */
export async function insertCreation(client: Queryable, id: string, by: string): Promise<void> {
  await client.query(
    `INSERT INTO transitions (integration_id, number, from_status, to_status, code, reason, by,
       credential, credential_id, version)
     SELECT i.id, 0, NULL, i.status, coalesce(i.reason_code, 'created'),
            coalesce(i.reason_message, 'Created.'), $2::text, i.reason_credential, k.id, k.version
     FROM integrations i
     LEFT JOIN integration_credentials l
       ON l.integration_id = i.id AND l.name = i.reason_credential
     LEFT JOIN credentials k ON k.id = l.credential_id
     WHERE i.id = $1::text`,
    [id, by],
  );
}
