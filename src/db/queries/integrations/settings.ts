import type { Handling, WhenTokenUnavailable } from '../../../deliveries/handling';
import type { Queryable } from '../../pool';
import { handlingSql } from './handling';

/** What can be changed after the creation. */
export interface IntegrationSettings {
  /** JSON text. */
  metadata: string | null;
  handler: string;
  destinationUrl: string | null;
  whenError: 'keep' | 'discard';
  whenDisabled: 'keep' | 'discard';
  /** Null: by default. */
  whenTokenUnavailable: WhenTokenUnavailable | null;
  handling: Handling;
}

/** Holds the row until the transaction's end. @returns undefined where there is none */
export async function lockSettings(
  client: Queryable,
  id: string,
): Promise<IntegrationSettings | undefined> {
  const { rows } = await client.query<IntegrationSettings>(
    `SELECT metadata::text, handler, destination_url AS "destinationUrl",
            when_error AS "whenError", when_disabled AS "whenDisabled",
            when_token_unavailable AS "whenTokenUnavailable", ${handlingSql('integrations')} AS handling
     FROM integrations WHERE id = $1::text AND deleted_at IS NULL FOR UPDATE`,
    [id],
  );
  return rows[0];
}

export async function writeSettings(
  client: Queryable,
  id: string,
  settings: IntegrationSettings,
): Promise<void> {
  await client.query(
    `UPDATE integrations SET metadata = $2::json, handler = $3::text, destination_url = $4::text,
            when_error = $5::text, when_disabled = $6::text, handling_order = $7::text,
            handling_concurrency = $8::int, max_attempts = $9::int, give_up_after_seconds = $10::int,
            when_token_unavailable = $11::text
     WHERE id = $1::text`,
    [
      id,
      settings.metadata,
      settings.handler,
      settings.destinationUrl,
      settings.whenError,
      settings.whenDisabled,
      settings.handling.order,
      settings.handling.concurrency,
      settings.handling.maxAttempts,
      settings.handling.giveUpAfterSeconds,
      settings.whenTokenUnavailable,
    ],
  );
}
