import type { PoolClient } from 'pg';
import type { Queryable } from '../../pool';

/** A credential whose row is gone, with its tokens as they were sealed for that row. */
export interface DeletedCredential {
  id: string;
  userId: string;
  provider: string;
  accountId: string | null;
  parameters: Record<string, string> | null;
  version: number;
  /** Until then a refresh that is under way may bring newer tokens. */
  presentingUntil: Date | null;
  /** Context `credentials.access_token:<id>`. */
  accessToken: Buffer | null;
  /** Context `credentials.refresh_token:<id>`. */
  refreshToken: Buffer | null;
}

/**
 * Whether a credential that is still there may hold the grant of `r`: many providers revoke all that an account
 * has given to an application, whichever of its tokens is shown. Where one of the two accounts is unknown,
 * it is the same one if it is the same user's.
 */
const inUseSql = `EXISTS (
  SELECT FROM credentials k
  WHERE k.provider = r.provider AND k.version > 0
    AND (k.account_id = r.account_id
         OR k.user_id = r.user_id AND (k.account_id IS NULL OR r.account_id IS NULL)))`;

/**
 * A person who has just come back from the provider: in a moment it is known whether the account is the
 * same, and until then its new grant must not be killed.
 */
const connectingSql = `EXISTS (
  SELECT FROM oauth_states s JOIN integrations i ON i.id = s.integration_id
  WHERE s.provider = r.provider AND i.user_id = r.user_id
    AND s.used_at > now() - interval '1 minute')`;

/** The same with an open confirmation: whoever is asked may still say that it is their account. */
const confirmingSql = `EXISTS (
  SELECT FROM confirmations c
  WHERE c.provider = r.provider AND c.outcome IS NULL AND c.expires_at > now()
    AND (c.account_id = r.account_id
         OR c.user_id = r.user_id AND (c.account_id IS NULL OR r.account_id IS NULL)))`;

/**
 * Keeps the tokens of deleted credentials until their provider has taken them back, for those that were the
 * last of their account. Within the transaction that deleted the rows.
 */
export async function queueRevocations(
  client: PoolClient,
  credentials: readonly DeletedCredential[],
): Promise<void> {
  // Of two deletions at once neither would be the last: the other one's row is still seen by each.
  for (const provider of [...new Set(credentials.map((one) => one.provider))].sort()) {
    await client.query(
      "SELECT pg_advisory_xact_lock(hashtextextended('holdfast.revocations.' || $1::text, 0))",
      [provider],
    );
  }
  for (const one of credentials) {
    await client.query(
      `INSERT INTO revocations (credential_id, user_id, provider, account_id, parameters, version,
                                access_token, refresh_token, next_attempt_at)
       SELECT r.* FROM (VALUES ($1::text, $2::text, $3::text, $4::text, $5::json, $6::int,
                                $7::bytea, $8::bytea, greatest(now(), $9::timestamptz)))
         AS r (credential_id, user_id, provider, account_id, parameters, version, access_token,
               refresh_token, next_attempt_at)
       WHERE coalesce(r.access_token, r.refresh_token) IS NOT NULL AND NOT ${inUseSql}`,
      [
        one.id,
        one.userId,
        one.provider,
        one.accountId,
        one.parameters === null ? null : JSON.stringify(one.parameters),
        one.version,
        one.accessToken,
        one.refreshToken,
        one.presentingUntil,
      ],
    );
  }
}

export interface ClaimedRevocation extends Pick<
  DeletedCredential,
  'userId' | 'provider' | 'accountId' | 'parameters' | 'accessToken' | 'refreshToken'
> {
  /** This one included. */
  attempts: number;
  /** Since the credential was deleted. */
  ageMs: number;
}

export type RevocationClaim =
  | { kind: 'claimed'; revocation: ClaimedRevocation }
  | { kind: 'waiting'; until: Date }
  | { kind: 'none' };

/**
 * Claims the right to show a grant's tokens at its provider for `leaseMs`. In the same statement it looks
 * whether the account has been connected again meanwhile: then the tokens are dropped.
 */
export async function claimRevocation(
  db: Queryable,
  credentialId: string,
  leaseMs: number,
): Promise<RevocationClaim> {
  const { rows } = await db.query<ClaimedRevocation>(
    `UPDATE revocations r
     SET attempts = attempts + 1, next_attempt_at = now() + $2::float8 * interval '1 millisecond'
     WHERE credential_id = $1::text AND next_attempt_at <= now()
       AND NOT ${inUseSql} AND NOT ${connectingSql} AND NOT ${confirmingSql}
     RETURNING user_id AS "userId", provider, account_id AS "accountId", parameters, access_token AS "accessToken",
               refresh_token AS "refreshToken", attempts,
               extract(epoch FROM now() - created_at)::float8 * 1000 AS "ageMs"`,
    [credentialId, leaseMs],
  );
  if (rows[0] !== undefined) return { kind: 'claimed', revocation: rows[0] };
  await db.query(`DELETE FROM revocations r WHERE credential_id = $1::text AND ${inUseSql}`, [
    credentialId,
  ]);
  const waiting = await db.query<{ until: Date }>(
    `SELECT greatest(next_attempt_at, now() + interval '5 seconds') AS until
     FROM revocations WHERE credential_id = $1::text`,
    [credentialId],
  );
  const [row] = waiting.rows;
  return row === undefined ? { kind: 'none' } : { kind: 'waiting', until: row.until };
}

/**
 * A refresh that was under way while its credential was deleted has brought other tokens: the old ones may be
 * worth nothing any more. The first attempt waits for it as long as the refresh may take.
 */
export async function renewRevocation(
  db: Queryable,
  tokens: { id: string; version: number; accessToken: Buffer; refreshToken: Buffer | null },
): Promise<void> {
  await db.query(
    `UPDATE revocations
     SET access_token = $3::bytea, refresh_token = coalesce($4::bytea, refresh_token)
     WHERE credential_id = $1::text AND version = $2::int`,
    [tokens.id, tokens.version, tokens.accessToken, tokens.refreshToken],
  );
}

/** The provider has taken it, or nobody tries any more. */
export async function endRevocation(db: Queryable, credentialId: string): Promise<void> {
  await db.query('DELETE FROM revocations WHERE credential_id = $1::text', [credentialId]);
}

/** @returns when it is tried again; null where it is gone */
export async function postponeRevocation(
  db: Queryable,
  credentialId: string,
  delayMs: number,
): Promise<Date | null> {
  const { rows } = await db.query<{ until: Date }>(
    `UPDATE revocations SET next_attempt_at = now() + $2::float8 * interval '1 millisecond'
     WHERE credential_id = $1::text RETURNING next_attempt_at AS until`,
    [credentialId, delayMs],
  );
  return rows[0]?.until ?? null;
}
