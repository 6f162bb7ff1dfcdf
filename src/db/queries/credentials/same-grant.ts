import type { PoolClient } from 'pg';
import { workflowIds } from '../../../../workflows/contract/ids';
import type { CredentialState } from '../../../../workflows/contract/status';
import { type Envelope, openOrNull } from '../../../crypto/envelope';
import type { Queryable } from '../../pool';
import type { TokenHash } from '../encryption/hash-key';
import { noteDeletedActors } from '../integrations/deleted-actors';
import { moveConfirmations } from '../people/confirmation-ends';

/** Whose grants they are, and at which provider. */
export interface GrantOwner {
  userId: string;
  provider: string;
}

/** Until the transaction's end nobody else finds or brings a grant of theirs: two at once would make two rows of one. */
export async function lockGrants(
  client: PoolClient,
  { userId, provider }: GrantOwner,
): Promise<void> {
  await client.query(
    "SELECT pg_advisory_xact_lock(hashtextextended('holdfast.grants.' || $1::text || chr(10) || $2::text, 0))",
    [provider, userId],
  );
}

/**
 * The credential that holds the grant of a refresh token, which may have been rotated since.
 *
 * @param prefer where several do: this one
 */
export async function findSameGrant(
  db: Queryable,
  { userId, provider }: GrantOwner,
  { hash, prefer = '' }: { hash: Buffer; prefer?: string },
): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM credentials k
     WHERE user_id = $1::text AND provider = $2::text
       AND (refresh_token_hash = $3::bytea OR ${rotatedSql('$3')})
     ORDER BY coalesce(refresh_token_hash = $3::bytea, false) DESC, id = $4::text DESC,
              credential_is_usable(state) DESC, id LIMIT 1`,
    [userId, provider, hash, prefer],
  );
  return rows[0]?.id;
}

const rotatedSql = (hash: string) => `EXISTS (
  SELECT FROM rotated_refresh_tokens r WHERE r.credential_id = k.id AND r.hash = ${hash}::bytea)`;

/** Hashes the refresh tokens that were stored before there were hashes: a user has few at a provider. */
export async function hashOlderTokens(
  db: Queryable,
  { userId, provider }: GrantOwner,
  { envelope, tokenHash }: { envelope: Envelope; tokenHash: TokenHash },
): Promise<void> {
  const { rows } = await db.query<{ id: string; sealed: Buffer }>(
    `SELECT id, refresh_token AS sealed FROM credentials
     WHERE user_id = $1::text AND provider = $2::text
       AND refresh_token IS NOT NULL AND refresh_token_hash IS NULL LIMIT 100`,
    [userId, provider],
  );
  for (const { id, sealed } of rows) {
    const token = openOrNull(envelope, sealed, `credentials.refresh_token:${id}`);
    if (token === null) continue;
    await db.query(
      `UPDATE credentials SET refresh_token_hash = $3::bytea, refresh_token_given = true
       WHERE id = $1::text AND refresh_token = $2::bytea`,
      [id, sealed, tokenHash(token)],
    );
  }
}

/** Whether a refresh token is known to be worth nothing any more. */
export async function isRotatedAway(
  db: Queryable,
  { userId, provider }: GrantOwner,
  hash: Buffer,
): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT FROM credentials k
     WHERE user_id = $1::text AND provider = $2::text AND ${rotatedSql('$3')} LIMIT 1`,
    [userId, provider, hash],
  );
  return rows.length > 0;
}

/** Somebody outside has a refresh token that its provider has replaced just now. */
export async function noteRotatedAway(
  db: Queryable,
  credentialId: string,
  hash: Buffer,
): Promise<void> {
  await db.query(
    `INSERT INTO rotated_refresh_tokens (credential_id, hash, given)
     VALUES ($1::text, $2::bytea, true) ON CONFLICT DO NOTHING`,
    [credentialId, hash],
  );
}

/**
 * Raises a version above that of a credential whose users it takes over. A refresh that is under way would be lost by
 * that.
 *
 * @returns null while there is one
 */
export async function raiseVersion(
  db: Queryable,
  { id, above }: { id: string; above: number },
): Promise<number | null> {
  const { rows } = await db.query<{ version: number }>(
    `UPDATE credentials
     SET version = greatest(version, $2::int + 1), updated_at = now(),
         forced_version = forced_version + greatest(0, $2::int + 1 - version),
         unanswered_version = unanswered_version + greatest(0, $2::int + 1 - version),
         presenting_version = presenting_version + greatest(0, $2::int + 1 - version)
     WHERE id = $1::text
       AND (version > $2::int OR presenting_until IS NULL OR presenting_until <= now())
     RETURNING version`,
    [id, above],
  );
  return rows[0]?.version ?? null;
}

/**
 * Gives the users of some credentials to another one, whose version is above all of theirs, so that what was noted
 * at an older version stays older; deletes those credentials. Their grants are not revoked: that might end this one.
 *
 * @returns every integration that uses it now
 */
export async function takeOver(
  client: PoolClient,
  { from, to }: { from: readonly string[]; to: string },
): Promise<string[]> {
  await client.query(
    `UPDATE integration_credentials SET credential_id = $2::text, resume_on_trial = false
     WHERE credential_id = ANY ($1::text[])`,
    [from, to],
  );
  await client.query(
    `UPDATE deliveries SET waits_for_credential = $2::text
     WHERE state = 'pending' AND waits_for_credential = ANY ($1::text[])`,
    [from, to],
  );
  // A person who is at the provider at this moment comes back to it.
  await client.query(
    `UPDATE oauth_states SET credential_id = $2::text
     WHERE credential_id = ANY ($1::text[]) AND integration_id IN (
       SELECT integration_id FROM integration_credentials WHERE credential_id = $2::text)`,
    [from, to],
  );
  await moveConfirmations(client, { from, to });
  await client.query('DELETE FROM credentials WHERE id = ANY ($1::text[])', [from]);
  await noteDeletedActors(
    client,
    from.map((id) => workflowIds.credential(id)),
  );
  const { rows } = await client.query<{ id: string }>(
    `SELECT DISTINCT l.integration_id AS id FROM integration_credentials l
     JOIN integrations i ON i.id = l.integration_id
     WHERE l.credential_id = $1::text AND i.deleted_at IS NULL ORDER BY 1`,
    [to],
  );
  return rows.map(({ id }) => id);
}

export interface LockedCredential {
  id: string;
  version: number;
  state: CredentialState;
  accountId: string | null;
  /** What fills the provider's addresses for it. */
  parameters: Record<string, string> | null;
}

/** Locks them until the transaction's end, in the order in which everybody does. */
export async function lockCredentials(
  client: PoolClient,
  ids: readonly string[],
): Promise<LockedCredential[]> {
  const { rows } = await client.query<LockedCredential>(
    `SELECT id, version, state, account_id AS "accountId", parameters FROM credentials
     WHERE id = ANY ($1::text[]) ORDER BY id FOR UPDATE`,
    [ids],
  );
  return rows;
}

/** This integration is to be brought back with that version, even if it was switched off. */
export async function askForResume(
  db: Queryable,
  { integrationId, name }: { integrationId: string; name: string },
  version: number,
): Promise<void> {
  await db.query(
    `UPDATE integration_credentials SET resume_version = $3::int
     WHERE integration_id = $1::text AND name = $2::text`,
    [integrationId, name, version],
  );
}
