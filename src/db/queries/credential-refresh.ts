import type { CredentialState } from '../../../workflows/contract';
import type { Queryable } from '../pool';

/** A credential's row, less its tokens. Times are RFC 3339. */
export interface CredentialRow {
  provider: string;
  version: number;
  state: CredentialState;
  code: string | null;
  expiresAt: string | null;
  refreshAt: string | null;
  retryAt: string | null;
}

/** With what a refresh needs beside it. */
export interface RefreshableCredential extends CredentialRow {
  refreshToken: Buffer | null;
  parameters: Record<string, string> | null;
  failures: number;
  /** Its refresh was sent, and no answer was recorded. */
  unanswered: boolean;
  /** Milliseconds until its access token ends, by the database's clock; null where unknown. */
  expiresInMs: number | null;
  /** The time to refresh it ahead of its end has come. */
  refreshDue: boolean;
}

const columns = `provider, version, state, code, expires_at AS "expiresAt",
  refresh_at AS "refreshAt", retry_at AS "retryAt"`;

interface TimesRow extends Omit<CredentialRow, 'expiresAt' | 'refreshAt' | 'retryAt'> {
  expiresAt: Date | null;
  refreshAt: Date | null;
  retryAt: Date | null;
}

const withTimes = <T extends TimesRow>(row: T) => ({
  ...row,
  expiresAt: row.expiresAt?.toISOString() ?? null,
  refreshAt: row.refreshAt?.toISOString() ?? null,
  retryAt: row.retryAt?.toISOString() ?? null,
});

export async function readCredential(db: Queryable, id: string): Promise<CredentialRow | null> {
  const { rows } = await db.query<TimesRow>(
    `SELECT ${columns} FROM credentials WHERE id = $1::text`,
    [id],
  );
  return rows[0] === undefined ? null : withTimes(rows[0]);
}

export async function readRefreshable(
  db: Queryable,
  id: string,
): Promise<RefreshableCredential | null> {
  type Row = TimesRow & Omit<RefreshableCredential, 'expiresAt' | 'refreshAt' | 'retryAt'>;
  const { rows } = await db.query<Row>(
    `SELECT ${columns}, refresh_token AS "refreshToken", parameters, failures,
            coalesce(unanswered_version = version OR presenting_version = version, false)
              AS unanswered,
            extract(epoch FROM expires_at - now())::float8 * 1000 AS "expiresInMs",
            coalesce(least(refresh_at, expires_at) <= now(), false) AS "refreshDue"
     FROM credentials WHERE id = $1::text`,
    [id],
  );
  return rows[0] === undefined ? null : withTimes(rows[0]);
}

/**
 * Claims the right to show a version's refresh token, for `presentingMs`. Another claim's time is waited
 * out: fences protect the row, only this protects the token itself. A back-off is waited out too: a second
 * run of the same activity would not know of it.
 *
 * @returns `claimed`, when to ask again, or null where the version has moved on
 */
export async function claimPresenting(
  db: Queryable,
  claim: { id: string; version: number; attempt: string; presentingMs: number },
): Promise<{ claimed: true } | { claimed: false; until: Date } | null> {
  const taken = await db.query(
    `UPDATE credentials
     SET presenting_version = version, presenting_attempt = $3::text,
         presenting_until = now() + $4::float8 * interval '1 millisecond', updated_at = now()
     WHERE id = $1::text AND version = $2::int AND state IN ('alive', 'degraded')
       AND (presenting_until IS NULL OR presenting_until <= now())
       AND (retry_at IS NULL OR retry_at <= now())`,
    [claim.id, claim.version, claim.attempt, claim.presentingMs],
  );
  if (taken.rowCount === 1) return { claimed: true };
  const { rows } = await db.query<{ until: Date }>(
    `SELECT greatest(presenting_until, retry_at) AS until FROM credentials
     WHERE id = $1::text AND version = $2::int AND state IN ('alive', 'degraded')
       AND greatest(presenting_until, retry_at) > now()`,
    [claim.id, claim.version],
  );
  return rows[0] === undefined ? null : { claimed: false, until: rows[0].until };
}

export interface RefreshedTokens {
  id: string;
  /** The version whose refresh token was shown. */
  version: number;
  accessToken: Buffer;
  /** Null keeps the old one: a refresh answer may leave it out (RFC 6749 section 6). */
  refreshToken: Buffer | null;
  expiresAt: Date | null;
  refreshAt: Date | null;
  scope: string | null;
}

/** Stores what a refresh brought, by compare-and-set on the version. @returns false where it moved on */
export async function storeRefreshed(db: Queryable, tokens: RefreshedTokens): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE credentials
     SET version = version + 1, state = 'alive', code = NULL, access_token = $3::bytea,
         refresh_token = coalesce($4::bytea, refresh_token), expires_at = $5::timestamptz,
         refresh_at = $6::timestamptz, scope = coalesce($7::text, scope), obtained_at = now(),
         presenting_version = NULL, presenting_attempt = NULL, presenting_until = NULL,
         unanswered_version = NULL, on_trial = false, failures = 0, retry_at = NULL,
         degraded_since = NULL, last_success_at = now(), updated_at = now()
     WHERE id = $1::text AND version = $2::int`,
    [
      tokens.id,
      tokens.version,
      tokens.accessToken,
      tokens.refreshToken,
      tokens.expiresAt,
      tokens.refreshAt,
      tokens.scope,
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

/** A failure that may pass: the status stays, the next attempt waits. */
export async function storeRefreshFailure(db: Queryable, failure: RefreshFailure): Promise<void> {
  await db.query(
    `UPDATE credentials
     SET state = 'degraded', code = $4::text, failures = failures + 1,
         retry_at = now() + $5::float8 * interval '1 millisecond',
         unanswered_version = CASE WHEN $6::boolean THEN version ELSE unanswered_version END,
         presenting_version = NULL, presenting_attempt = NULL, presenting_until = NULL,
         degraded_since = coalesce(degraded_since, now()), last_failure_at = now(),
         updated_at = now()
     WHERE id = $1::text AND version = $2::int AND presenting_attempt = $3::text
       AND state IN ('alive', 'degraded')`,
    [
      failure.id,
      failure.version,
      failure.attempt,
      failure.code,
      failure.retryDelayMs,
      failure.unanswered,
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
