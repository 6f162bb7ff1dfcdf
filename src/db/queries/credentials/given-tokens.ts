import type { Pool, Queryable } from '../../pool';
import { inTransaction } from '../../transaction';
import { type GrantOwner, isRotatedAway, lockGrants } from './same-grant';

interface Claim {
  id: string;
  /** Who claims. */
  attempt: string;
}

/**
 * Claims the right to show a refresh token that was given for a credential, whatever its state: it may be the one that
 * is stored, and nobody else shows that meanwhile.
 *
 * @param hash keyed hash of that refresh token; null where it can't be known
 * @returns `taken`: somebody uses or has used up that very refresh token; `other_shown`: another one is shown for this
 * credential
 */
export async function claimGiven(
  pool: Pool,
  owner: GrantOwner,
  { id, attempt, hash, forMs }: Claim & { hash: Buffer | null; forMs: number },
): Promise<'claimed' | 'taken' | 'other_shown'> {
  return inTransaction(pool, async (client) => {
    await lockGrants(client, owner);
    if (hash !== null && (await isTaken(client, owner, { hash, id }))) return 'taken';
    return (await claim(client, { id, attempt, hash, forMs })) ? 'claimed' : 'other_shown';
  });
}

/**
 * Whether a refresh token that was given may not be shown or stored any more: it is shown at this moment, under whichever
 * credential of the user, or the provider has replaced it. To be asked under `lockGrants`.
 *
 * @param by whose claim doesn't count
 * @param id where it is to be shown for that credential: another one that can be used must not have it, too
 */
export async function isTaken(
  db: Queryable,
  owner: GrantOwner,
  { hash, by, id }: { hash: Buffer; by?: string | undefined; id?: string },
): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT FROM credentials
     WHERE user_id = $1::text AND provider = $2::text
       AND (presenting_until > now() AND presenting_attempt IS DISTINCT FROM $4::text
              AND (presenting_hash = $3::bytea OR refresh_token_hash = $3::bytea)
            OR id <> $5::text AND refresh_token_hash = $3::bytea AND credential_is_usable(state))
     LIMIT 1`,
    [owner.userId, owner.provider, hash, by ?? null, id ?? null],
  );
  return rows.length > 0 || isRotatedAway(db, owner, hash);
}

async function claim(
  db: Queryable,
  { id, attempt, hash, forMs }: Claim & { hash: Buffer | null; forMs: number },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE credentials
     SET unanswered_version =
           CASE WHEN presenting_version = version THEN version ELSE unanswered_version END,
         presenting_version = version, presenting_attempt = $2::text, presenting_hash = $4::bytea,
         presenting_until = now() + $3::float8 * interval '1 millisecond', updated_at = now()
     WHERE id = $1::text AND (presenting_until IS NULL OR presenting_until <= now())`,
    [id, attempt, forMs, hash],
  );
  return rowCount === 1;
}

/** The provider didn't say whether the refresh token is good. @param unanswered it may have rotated it */
export async function releaseGiven(
  db: Queryable,
  { id, attempt, unanswered }: Claim & { unanswered: boolean },
): Promise<void> {
  await db.query(
    `UPDATE credentials
     SET unanswered_version = CASE WHEN $3::boolean THEN version ELSE unanswered_version END,
         presenting_version = NULL, presenting_attempt = NULL, presenting_until = NULL,
         presenting_hash = NULL
     WHERE id = $1::text AND presenting_attempt = $2::text`,
    [id, attempt, unanswered],
  );
}
