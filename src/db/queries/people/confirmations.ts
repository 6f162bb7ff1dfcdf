import type { Queryable } from '../../pool';
import type { Confirm } from './sessions';

/** Tokens that wait until it is said whose account they are of. */
export interface Waiting {
  /** SHA-256 of the code that stands for it. */
  codeHash: Buffer;
  userId: string;
  provider: string;
  /** Null where the provider names none. */
  accountId: string | null;
  /** Context `confirmations.grant_tokens:<code hash>`. Of one that is open, or that no key has opened yet. */
  sealedGrant: Buffer | null;
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
  sealedGrant: Buffer;
  sessionId: string | null;
  lifetimeSeconds: number;
}

/** Why it is not stored, though somebody confirmed it. */
export type NotStored = 'account_mismatch' | 'no_refresh_token' | 'not_found';
export type ConfirmationEnd = 'connected' | 'cancelled' | 'expired' | NotStored;

export interface Confirmation extends Waiting, Journey {
  /** Who is asked. */
  confirm: Confirm;
  state: 'open' | ConfirmationEnd;
  /** Of an account that was not the stored one. */
  accountLabel: string | null;
  /** How many deliveries waited when it was confirmed. */
  kept: number | null;
}

/** Those of `Waiting`. */
export const waitingColumns = `code_hash AS "codeHash", user_id AS "userId", provider,
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

/** What a browser has brought back, however it ended: for whoever comes back once more. */
export async function readBrought(
  db: Queryable,
  key: { codeHash: Buffer; browserHash: Buffer; provider: string },
): Promise<{ confirm: Confirm; userId: string; returnTo: string | null } | undefined> {
  const { rows } = await db.query<{ confirm: Confirm; userId: string; returnTo: string | null }>(
    `SELECT confirm, user_id AS "userId", return_to AS "returnTo" FROM confirmations
     WHERE code_hash = $1::bytea AND browser_hash = $2::bytea AND provider = $3::text`,
    [key.codeHash, key.browserHash, key.provider],
  );
  return rows[0];
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
            return_to AS "returnTo", resume, kept, confirm, account_label AS "accountLabel",
            CASE WHEN outcome IS NOT NULL THEN outcome
                 WHEN expires_at <= now() THEN 'expired' ELSE 'open' END AS state
       FROM confirmations WHERE code_hash = $1::bytea AND confirm = $2::text AND ${bound}`,
    [key.codeHash, key.confirm, ...values],
  );
  return rows[0];
}
