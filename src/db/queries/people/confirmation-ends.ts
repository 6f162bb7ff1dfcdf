import type { PoolClient } from 'pg';
import { type ConfirmationEnd, type Waiting, waitingColumns } from './confirmations';

export interface Unconfirmed extends Waiting {
  hasEnded: boolean;
}

const unconfirmedColumns = `${waitingColumns}, outcome IS NOT NULL AS "hasEnded"`;

/** Until the transaction's end nobody else ends it. @returns undefined where it has ended */
export async function lockOpenConfirmation(
  client: PoolClient,
  codeHash: Buffer,
): Promise<Unconfirmed | undefined> {
  const { rows } = await client.query<Unconfirmed>(
    `SELECT ${unconfirmedColumns} FROM confirmations
     WHERE code_hash = $1::bytea AND outcome IS NULL AND expires_at > now() FOR UPDATE`,
    [codeHash],
  );
  return rows[0];
}

/** Some whose tokens are still here after their time, behind `after` (hexadecimal); those that somebody else ends are passed over. */
export async function lockExpiredConfirmations(
  client: PoolClient,
  { after, limit }: { after: string; limit: number },
): Promise<Unconfirmed[]> {
  const { rows } = await client.query<Unconfirmed>(
    `SELECT ${unconfirmedColumns} FROM confirmations
     WHERE grant_tokens IS NOT NULL AND expires_at <= now() AND code_hash > decode($1::text, 'hex')
     ORDER BY code_hash LIMIT $2::int FOR UPDATE SKIP LOCKED`,
    [after, limit],
  );
  return rows;
}

interface End {
  outcome: ConfirmationEnd;
  kept?: number;
  /** Which account came, where its page is to say so. */
  came?: { id: string; label?: string | null | undefined } | undefined;
}

/** Their tokens are stored elsewhere, or nowhere any more. Those that had ended before keep their end. */
export async function endConfirmations(
  client: PoolClient,
  codeHashes: readonly Buffer[],
  { outcome, kept, came }: End,
): Promise<void> {
  await client.query(
    `UPDATE confirmations SET outcome = coalesce(outcome, $2::text), kept = $3::int,
            account_id = $4::text, account_label = $5::text, grant_tokens = NULL
     WHERE code_hash = ANY ($1::bytea[])`,
    [codeHashes, outcome, kept ?? null, came?.id ?? null, came?.label ?? null],
  );
}

/** They end, and their tokens stay until a key opens them, or their time is over: with what their revocation needs. */
export async function endUnopened(
  client: PoolClient,
  codeHashes: readonly Buffer[],
  outcome: Exclude<ConfirmationEnd, 'connected'>,
): Promise<void> {
  await client.query(
    `UPDATE confirmations
     SET outcome = coalesce(outcome, $2::text), expires_at = least(expires_at, now())
     WHERE code_hash = ANY ($1::bytea[])`,
    [codeHashes, outcome],
  );
}

/** Those of some integrations, or of a person, however they ended. Until the transaction's end nobody else ends them. */
export async function lockConfirmationsOf(
  client: PoolClient,
  of: { integrationIds: readonly string[] } | { userId: string },
): Promise<Unconfirmed[]> {
  const [condition, value] =
    'userId' in of
      ? ['user_id = $1::text', of.userId]
      : ['integration_id = ANY ($1::text[])', of.integrationIds];
  const { rows } = await client.query<Unconfirmed>(
    `SELECT ${unconfirmedColumns} FROM confirmations WHERE ${condition}
     ORDER BY code_hash FOR UPDATE`,
    [value],
  );
  return rows;
}

export async function deleteConfirmations(
  client: PoolClient,
  codeHashes: readonly Buffer[],
): Promise<void> {
  await client.query('DELETE FROM confirmations WHERE code_hash = ANY ($1::bytea[])', [codeHashes]);
}

/** What led to them is deleted: only what their revocation needs stays. */
export async function forgetJourneys(
  client: PoolClient,
  codeHashes: readonly Buffer[],
): Promise<void> {
  await client.query(
    `UPDATE confirmations SET user_label = NULL, return_to = NULL, session_id = NULL,
            integration_id = '', credential_name = '', credential_id = ''
     WHERE code_hash = ANY ($1::bytea[])`,
    [codeHashes],
  );
}

/**
 * What waits for some credentials waits for another one now. What a deletion holds is passed over: it is on its way out,
 * and waits for these credentials.
 */
export async function moveConfirmations(
  client: PoolClient,
  { from, to }: { from: readonly string[]; to: string },
): Promise<void> {
  await client.query(
    `UPDATE confirmations SET credential_id = $2::text WHERE code_hash IN (
       SELECT code_hash FROM confirmations
       WHERE credential_id = ANY ($1::text[]) AND outcome IS NULL FOR UPDATE SKIP LOCKED)`,
    [from, to],
  );
}
