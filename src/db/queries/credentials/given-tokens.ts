import type { Queryable } from '../../pool';

interface Claim {
  id: string;
  /** Who claims. */
  attempt: string;
}

/**
 * Claims the right to show a refresh token that was given for a credential, whatever its state: it may be the one that
 * is stored, and nobody else shows that meanwhile.
 *
 * @returns false while somebody else has it
 */
export async function claimGiven(
  db: Queryable,
  { id, attempt, forMs }: Claim & { forMs: number },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE credentials
     SET unanswered_version =
           CASE WHEN presenting_version = version THEN version ELSE unanswered_version END,
         presenting_version = version, presenting_attempt = $2::text,
         presenting_until = now() + $3::float8 * interval '1 millisecond', updated_at = now()
     WHERE id = $1::text AND (presenting_until IS NULL OR presenting_until <= now())`,
    [id, attempt, forMs],
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
         presenting_version = NULL, presenting_attempt = NULL, presenting_until = NULL
     WHERE id = $1::text AND presenting_attempt = $2::text`,
    [id, attempt, unanswered],
  );
}
