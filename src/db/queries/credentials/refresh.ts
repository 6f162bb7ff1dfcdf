import type { DeathCode } from '../../../../workflows/contract/status';
import { streakGapMs } from '../../../credentials/policy';
import type { GrantEnd } from '../../../oauth/grant-end';
import type { Queryable } from '../../pool';

export interface RefreshedTokens {
  id: string;
  /** The version whose refresh token was shown. */
  version: number;
  /** Who showed it. */
  attempt: string;
  accessToken: Buffer;
  /** Null keeps the old one: a refresh answer may leave it out (RFC 6749 section 6). */
  refreshToken: Buffer | null;
  /** Keyed hash of the new refresh token; null where the old one stays, or the hashes' key can't be read. */
  refreshTokenHash: Buffer | null;
  expiresAt: Date | null;
  refreshAt: Date | null;
  /** Null keeps the old one, as with `scopes`. */
  scope: string | null;
  scopes: readonly string[] | null;
  /** The new tokens are dead as they come. */
  deathCode: DeathCode | null;
  refreshExpiresAt: Date | null;
  refreshEndIsFixed: boolean;
  /** Who was accepted where: `<client id> <origin of the token address>`. */
  client: string | null;
  /** The old access token was refused before its time. */
  forced: boolean;
  /** Dead tokens were tried: what came of it is durable, and stays dead until the trial has passed. */
  onTrial: boolean;
  /** Until the provider is asked whether the new token lives; null where it isn't asked. */
  probeInMs: number | null;
}

/** A streak of token rejections goes on over a refresh. */
const inStreak = `(refused_at > now() - $11::float8 * interval '1 millisecond')`;

/**
 * Stores what a refresh brought, by compare-and-set on the version, and for the last who showed its token only:
 * where a successor has shown it again, a provider that punishes reuse has revoked what the one before was given.
 *
 * @returns false where it moved on
 */
export async function storeRefreshed(db: Queryable, tokens: RefreshedTokens): Promise<boolean> {
  const { rowCount } = await db.query(
    `WITH before AS MATERIALIZED (
       -- Locked first: of one that is being deleted nothing is noted, and its revocation gets the new tokens.
       SELECT id, refresh_token_hash, refresh_token_given FROM credentials
       WHERE id = $1::text AND version = $2::int AND presenting_attempt = $10::text
         AND (state = 'dead' OR NOT $12::boolean)
       FOR UPDATE
     ), rotated AS (
       INSERT INTO rotated_refresh_tokens (credential_id, hash, given)
       SELECT id, refresh_token_hash, refresh_token_given FROM before
       WHERE refresh_token_hash <> $13::bytea
       ON CONFLICT DO NOTHING
     )
     UPDATE credentials k
     SET version = version + 1,
         state = CASE WHEN $16::text IS NOT NULL THEN 'dead' WHEN $12::boolean THEN state
                      WHEN ${inStreak} THEN 'degraded' ELSE 'alive' END,
         code = CASE WHEN $16::text IS NOT NULL THEN $16::text WHEN $12::boolean THEN code
                     WHEN ${inStreak} THEN 'access_refused' END,
         degraded_since = CASE WHEN ${inStreak} THEN degraded_since END,
         refused_since = CASE WHEN ${inStreak} THEN refused_since END,
         refused_at = CASE WHEN ${inStreak} THEN refused_at END,
         refused_until = NULL,
         refusals = CASE WHEN ${inStreak} THEN refusals ELSE 0 END,
         access_token = $3::bytea,
         refresh_token = coalesce($4::bytea, refresh_token),
         refresh_token_hash =
           CASE WHEN $4::bytea IS NULL THEN k.refresh_token_hash ELSE $13::bytea END,
         refresh_token_given = k.refresh_token_given
           AND ($4::bytea IS NULL OR coalesce(k.refresh_token_hash = $13::bytea, false)),
         expires_at = $5::timestamptz,
         refresh_at = $6::timestamptz, scope = coalesce($7::text, scope),
         scopes = coalesce($15::text[], scopes), obtained_at = now(), verified_at = now(),
         refresh_expires_at = $17::timestamptz, refresh_end_is_fixed = $18::boolean,
         client = $14::text, client_accepted_at = now(), refresh_rejected_since = NULL,
         forced_version = CASE WHEN $8::boolean THEN version + 1 END,
         probe_at = now() + $9::float8 * interval '1 millisecond',
         presenting_version = NULL, presenting_attempt = NULL, presenting_until = NULL,
         unanswered_version = NULL, failures = 0, retry_at = NULL,
         last_success_at = now(), updated_at = now()
     FROM before WHERE k.id = before.id`,
    [
      tokens.id,
      tokens.version,
      tokens.accessToken,
      tokens.refreshToken,
      tokens.expiresAt,
      tokens.refreshAt,
      tokens.scope,
      tokens.forced,
      tokens.probeInMs,
      tokens.attempt,
      streakGapMs,
      tokens.onTrial,
      tokens.refreshTokenHash,
      tokens.client,
      tokens.scopes,
      tokens.deathCode,
      tokens.refreshExpiresAt,
      tokens.refreshEndIsFixed,
    ],
  );
  return rowCount === 1;
}

export interface RefreshFailure {
  id: string;
  version: number;
  attempt: string;
  code: string;
  retryDelayMs: number;
  /** It was sent and not answered: the provider may have rotated the token. */
  unanswered: boolean;
  /** The provider refused the token itself, in words that may pass. */
  rejected: boolean;
  /** Words that may be about the application: they are counted from the first of them, not from other words. */
  contested: boolean;
}

/** A failure that may pass: the status stays, the next attempt waits. */
export async function storeRefreshFailure(db: Queryable, failure: RefreshFailure): Promise<void> {
  await db.query(
    `UPDATE credentials
     SET state = 'degraded', code = $4::text, failures = failures + 1,
         retry_at = now() + $5::float8 * interval '1 millisecond',
         unanswered_version = CASE WHEN $6::boolean THEN version ELSE unanswered_version END,
         refresh_rejected_since =
           CASE WHEN NOT $7::boolean THEN refresh_rejected_since
                WHEN $8::boolean AND code IS DISTINCT FROM $4::text THEN now()
                ELSE coalesce(refresh_rejected_since, now()) END,
         presenting_version = NULL, presenting_attempt = NULL, presenting_until = NULL,
         degraded_since = coalesce(degraded_since, now()), last_failure_at = now(),
         updated_at = now()
     WHERE id = $1::text AND version = $2::int AND presenting_attempt = $3::text
       AND credential_is_usable(state)`,
    [
      failure.id,
      failure.version,
      failure.attempt,
      failure.code,
      failure.retryDelayMs,
      failure.unanswered,
      failure.rejected,
      failure.contested,
    ],
  );
}

/** Moves the time of the next refresh: there is nothing to refresh with until the token has ended. */
export async function postponeRefresh(db: Queryable, id: string, version: number): Promise<void> {
  await db.query(
    `UPDATE credentials SET refresh_at = expires_at, updated_at = now()
     WHERE id = $1::text AND version = $2::int`,
    [id, version],
  );
}

interface ForeseenEnd {
  id: string;
  version: number;
  end: GrantEnd;
  refreshAt: Date | null;
}

/** Stores when a grant ends where nobody has said so yet, and makes the next refresh come before. */
export async function storeForeseenEnd(
  db: Queryable,
  { id, version, end, refreshAt }: ForeseenEnd,
): Promise<void> {
  await db.query(
    `UPDATE credentials
     SET refresh_expires_at = $3::timestamptz, refresh_end_is_fixed = $4::boolean,
         refresh_at = least(refresh_at, $5::timestamptz), updated_at = now()
     WHERE id = $1::text AND version = $2::int AND refresh_expires_at IS NULL`,
    [id, version, end.at, end.isFixed, refreshAt],
  );
}
