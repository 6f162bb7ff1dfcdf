import type { Queryable } from '../../pool';

export type PresentingClaim =
  /** `unanswered`: this token was shown before, or about to be, and no answer to that was recorded. */
  | { claimed: true; unanswered: boolean }
  /** When to ask again. */
  | { claimed: false; until: Date };

/**
 * Claims the right to show a version's refresh token, for `presentingMs`. Another claim's time is waited
 * out: fences protect the row, only this protects the token itself. A back-off is waited out too: a second
 * run of the same activity would not know of it. Whoever is overtaken here may have shown the token unheard: that
 * stays with the version until it moves on.
 *
 * @param claim.forced the refresh counts towards the hour's budget
 * @returns null where the version has moved on
 */
export async function claimPresenting(
  db: Queryable,
  claim: { id: string; version: number; attempt: string; presentingMs: number; forced: boolean },
): Promise<PresentingClaim | null> {
  const taken = await db.query<{ unanswered: boolean }>(
    `UPDATE credentials
     SET unanswered_version =
           CASE WHEN presenting_version = version THEN version ELSE unanswered_version END,
         presenting_version = version, presenting_attempt = $3::text,
         presenting_until = now() + $4::float8 * interval '1 millisecond',
         forced_count = CASE WHEN NOT $5::boolean THEN forced_count
                             WHEN forced_since > now() - interval '1 hour' THEN forced_count + 1
                             ELSE 1 END,
         forced_since = CASE WHEN $5::boolean
                              AND coalesce(forced_since <= now() - interval '1 hour', true)
                             THEN now() ELSE forced_since END,
         updated_at = now()
     WHERE id = $1::text AND version = $2::int AND state IN ('alive', 'degraded')
       AND (presenting_until IS NULL OR presenting_until <= now())
       AND (retry_at IS NULL OR retry_at <= now())
     RETURNING coalesce(unanswered_version = version, false) AS unanswered`,
    [claim.id, claim.version, claim.attempt, claim.presentingMs, claim.forced],
  );
  if (taken.rows[0] !== undefined) return { claimed: true, ...taken.rows[0] };
  const { rows } = await db.query<{ until: Date }>(
    `SELECT greatest(presenting_until, retry_at) AS until FROM credentials
     WHERE id = $1::text AND version = $2::int AND state IN ('alive', 'degraded')
       AND greatest(presenting_until, retry_at) > now()`,
    [claim.id, claim.version],
  );
  return rows[0] === undefined ? null : { claimed: false, until: rows[0].until };
}

/** The claim's attempt has been answered: the token is nobody's any more. */
export async function releaseClaim(
  db: Queryable,
  claim: { id: string; attempt: string },
): Promise<void> {
  await db.query(
    `UPDATE credentials
     SET presenting_version = NULL, presenting_attempt = NULL, presenting_until = NULL
     WHERE id = $1::text AND presenting_attempt = $2::text`,
    [claim.id, claim.attempt],
  );
}
