import type { PoolClient } from 'pg';
import type { Queryable } from '../../pool';
import type { Confirm } from './sessions';

/** Tokens that wait until it is said whose account they are of. */
interface Waiting {
  /** SHA-256 of the code that stands for it. */
  codeHash: Buffer;
  userId: string;
  provider: string;
  /** Null where the provider names none. */
  accountId: string | null;
}

interface Journey {
  userLabel: string | null;
  integrationId: string;
  credentialName: string;
  credentialId: string;
  returnTo: string | null;
  resume: boolean;
}

export interface NewConfirmation extends Waiting, Journey {
  browserHash: Buffer;
  confirm: Confirm;
  /** Context `confirmations.grant_tokens:<code hash>`. */
  sealedGrant: Buffer;
  sessionId: string | null;
  lifetimeSeconds: number;
}

export type ConfirmationState = 'open' | 'connected' | 'cancelled' | 'expired';

export interface Confirmation extends Waiting, Journey {
  state: ConfirmationState;
  /** Null once it has ended. */
  sealedGrant: Buffer | null;
  /** How many deliveries waited when it was confirmed. */
  kept: number | null;
}

export type Unconfirmed = Waiting & Pick<Confirmation, 'sealedGrant'>;

const waitingColumns = `code_hash AS "codeHash", user_id AS "userId", provider,
  account_id AS "accountId", grant_tokens AS "sealedGrant"`;

/**
 * Where its session has ended meanwhile it is late at once, so that the sweep revokes its tokens.
 * @returns whether it can be confirmed; undefined where its integration isn't there any more
 */
export async function insertConfirmation(
  db: Queryable,
  one: NewConfirmation,
): Promise<boolean | undefined> {
  // A deletion, and the end of a session, end what is there: they must not overlook this one.
  const { rows } = await db.query<{ isOpen: boolean }>(
    `INSERT INTO confirmations (code_hash, browser_hash, confirm, user_id, user_label, provider,
                                account_id, integration_id, credential_name, credential_id,
                                grant_tokens, return_to, resume, session_id, expires_at)
     SELECT $1::bytea, $2::bytea, $3::text, $4::text, $5::text, $6::text, $7::text, i.id, $9::text,
            $10::text, $11::bytea, $12::text, $13::boolean, $15::text,
            CASE WHEN $15::text IS NULL
                   OR EXISTS (SELECT FROM sessions WHERE id = $15::text FOR KEY SHARE)
                 THEN now() + $14::integer * interval '1 second' ELSE now() END
       FROM integrations i WHERE i.id = $8::text AND i.deleted_at IS NULL FOR SHARE
     RETURNING expires_at > now() AS "isOpen"`,
    [
      ...[one.codeHash, one.browserHash, one.confirm, one.userId, one.userLabel, one.provider],
      ...[one.accountId, one.integrationId, one.credentialName, one.credentialId],
      ...[one.sealedGrant, one.returnTo, one.resume, one.lifetimeSeconds, one.sessionId],
    ],
  );
  return rows[0]?.isOpen;
}

/** The two never stand in for each other: the page asks for the browser, the application for its user. */
export type ConfirmationKey = { codeHash: Buffer } & (
  | { confirm: 'page'; browserHash: Buffer; provider: string }
  | { confirm: 'application'; userId: string }
);

export async function readConfirmation(
  db: Queryable,
  key: ConfirmationKey,
): Promise<Confirmation | undefined> {
  const [bound, values] =
    key.confirm === 'page'
      ? ['browser_hash = $3::bytea AND provider = $4::text', [key.browserHash, key.provider]]
      : ['user_id = $3::text', [key.userId]];
  const { rows } = await db.query<Confirmation>(
    `SELECT ${waitingColumns}, user_label AS "userLabel", integration_id AS "integrationId",
            credential_name AS "credentialName", credential_id AS "credentialId",
            return_to AS "returnTo", resume, kept,
            CASE WHEN outcome IS NOT NULL THEN outcome
                 WHEN expires_at <= now() THEN 'expired' ELSE 'open' END AS state
       FROM confirmations WHERE code_hash = $1::bytea AND confirm = $2::text AND ${bound}`,
    [key.codeHash, key.confirm, ...values],
  );
  return rows[0];
}

/** Until the transaction's end nobody else ends it. @returns undefined where it has ended */
export async function lockOpenConfirmation(
  client: PoolClient,
  codeHash: Buffer,
): Promise<Unconfirmed | undefined> {
  const { rows } = await client.query<Unconfirmed>(
    `SELECT ${waitingColumns} FROM confirmations
     WHERE code_hash = $1::bytea AND outcome IS NULL AND expires_at > now() FOR UPDATE`,
    [codeHash],
  );
  return rows[0];
}

/** Some whose time is over, behind `after` (hexadecimal); those that somebody else ends are passed over. */
export async function lockExpiredConfirmations(
  client: PoolClient,
  { after, limit }: { after: string; limit: number },
): Promise<Unconfirmed[]> {
  const { rows } = await client.query<Unconfirmed>(
    `SELECT ${waitingColumns} FROM confirmations
     WHERE outcome IS NULL AND expires_at <= now() AND code_hash > decode($1::text, 'hex')
     ORDER BY code_hash LIMIT $2::int FOR UPDATE SKIP LOCKED`,
    [after, limit],
  );
  return rows;
}

/** Its tokens are stored elsewhere, or nowhere any more. */
export async function endConfirmations(
  client: PoolClient,
  codeHashes: readonly Buffer[],
  { outcome, kept }: { outcome: Exclude<ConfirmationState, 'open'>; kept?: number },
): Promise<void> {
  await client.query(
    `UPDATE confirmations SET outcome = $2::text, kept = $3::int, grant_tokens = NULL
     WHERE code_hash = ANY ($1::bytea[])`,
    [codeHashes, outcome, kept ?? null],
  );
}

/** Deletes those of some integrations, or of a person. @returns what was still waiting */
export async function takeConfirmations(
  client: PoolClient,
  of: { integrationIds: readonly string[] } | { userId: string },
): Promise<Unconfirmed[]> {
  const [condition, value] =
    'userId' in of
      ? ['user_id = $1::text', of.userId]
      : ['integration_id = ANY ($1::text[])', of.integrationIds];
  const { rows } = await client.query<Unconfirmed>(
    `DELETE FROM confirmations WHERE code_hash IN (
       SELECT code_hash FROM confirmations WHERE ${condition} ORDER BY code_hash FOR UPDATE)
     RETURNING ${waitingColumns}`,
    [value],
  );
  return rows.filter(({ sealedGrant }) => sealedGrant !== null);
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
