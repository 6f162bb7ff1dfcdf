import type { CredentialRow } from '../../../../workflows/contract/status';
import { degradedNoticeMs, expiringWithinMs, forcedWindowMs } from '../../../credentials/policy';
import type { Queryable } from '../../pool';
import { expiringNoticeAtSql } from '../notifications/expiring';
import { underAppFaultSql } from './app-faults';

/** With what a refresh, or a look at a refused token, needs beside it. */
export interface RefreshableCredential extends CredentialRow {
  userId: string;
  /** Sealed, as is the other. */
  accessToken: Buffer | null;
  refreshToken: Buffer | null;
  parameters: Record<string, string> | null;
  accountId: string | null;
  /** The provider named the account, or confirmed it. */
  accountProven: boolean;
  /** The application keeps its tokens: there are none here. */
  external: boolean;
  /** What the provider said that it granted; null where it never said. */
  scopes: string[] | null;
  failures: number;
  /** Milliseconds until its access token ends, by the database's clock; null where unknown. */
  expiresInMs: number | null;
  /** Milliseconds since its tokens were stored. */
  ageMs: number;
  /** Milliseconds until its grant ends, and whether no refresh moves that; null where unknown. */
  grantEndsInMs: number | null;
  grantEndIsFixed: boolean;
  /** Milliseconds since a person gave consent; null where unknown. */
  consentedMs: number | null;
  /** The time to refresh it ahead of its end has come. */
  refreshDue: boolean;
  /** Its tokens came from a refresh that was made because the ones before were refused. */
  forced: boolean;
  /** How many such refreshes there were within `forcedWindowMs`. */
  forcedCount: number;
  /** The streak of token rejections that it is in, if any. */
  refusals: number;
  rejectedForMs: number | null;
  lastRejectedMs: number | null;
  /** Milliseconds until it is worth another try; negative or null: now. */
  rejectedLeftMs: number | null;
  /** An event of the provider's said that the grant is gone, and no token has been accepted since. */
  deathForetold: boolean;
}

const times = ['expiresAt', 'refreshAt', 'retryAt', 'probeAt', 'noticeAt', 'trialAt'] as const;
type Times = (typeof times)[number];
type Raw<Row> = Omit<Row, Times> & Record<Times, Date | null>;

const columns = `provider, version, state, code, expires_at AS "expiresAt",
  refresh_at AS "refreshAt", retry_at AS "retryAt", probe_at AS "probeAt",
  least(CASE WHEN state = 'degraded' AND coalesce(degraded_noticed_at < degraded_since, true)
                  AND NOT ${underAppFaultSql}
             THEN degraded_since + $2::float8 * interval '1 millisecond' END,
        ${expiringNoticeAtSql('$3')}) AS "noticeAt",
  CASE WHEN state = 'dead' THEN trial_at END AS "trialAt"`;

export const sinceMs = (column: string) => `extract(epoch FROM now() - ${column})::float8 * 1000`;

const refreshableColumns = `${columns}, user_id AS "userId", access_token AS "accessToken",
  refresh_token AS "refreshToken", parameters, external, scopes, failures,
  account_id AS "accountId", account_proven AS "accountProven",
  -${sinceMs('expires_at')} AS "expiresInMs",
  coalesce(${sinceMs('obtained_at')}, 0) AS "ageMs",
  -${sinceMs('refresh_expires_at')} AS "grantEndsInMs", refresh_end_is_fixed AS "grantEndIsFixed",
  ${sinceMs('consented_at')} AS "consentedMs",
  credential_refresh_due(refresh_at, expires_at, retry_at, waits_out_failure => false) AS "refreshDue",
  coalesce(forced_version = version, false) AS forced,
  CASE WHEN forced_since > now() - $4::float8 * interval '1 millisecond'
       THEN forced_count ELSE 0 END AS "forcedCount",
  refusals, ${sinceMs('refused_since')} AS "rejectedForMs", ${sinceMs('refused_at')} AS "lastRejectedMs",
  -${sinceMs('refused_until')} AS "rejectedLeftMs",
  coalesce(death_event_at > coalesce(last_success_at, '-infinity'), false) AS "deathForetold"`;

function withTimes<Row>(row: Raw<Row>): Row {
  const texts = times.map((name) => [name, row[name]?.toISOString() ?? null] as const);
  return { ...row, ...Object.fromEntries(texts) } as Row;
}

export async function readCredential(db: Queryable, id: string): Promise<CredentialRow | null> {
  const { rows } = await db.query<Raw<CredentialRow>>(
    `SELECT ${columns} FROM credentials WHERE id = $1::text`,
    [id, degradedNoticeMs, expiringWithinMs],
  );
  return rows[0] === undefined ? null : withTimes(rows[0]);
}

export async function readRefreshable(
  db: Queryable,
  id: string,
): Promise<RefreshableCredential | null> {
  const { rows } = await db.query<Raw<RefreshableCredential>>(
    `SELECT ${refreshableColumns} FROM credentials WHERE id = $1::text`,
    [id, degradedNoticeMs, expiringWithinMs, forcedWindowMs],
  );
  return rows[0] === undefined ? null : withTimes(rows[0]);
}

type PresentingClaim =
  /** `unanswered`: this token was shown before, or about to be, and no answer to that was recorded. */
  | { claimed: true; unanswered: boolean }
  /** When to ask again. */
  | { claimed: false; until: Date };

/** Dead tokens are shown on trial only, and then no others. */
const mayBeShown = (onTrial: string) =>
  `CASE WHEN ${onTrial}::boolean THEN state = 'dead' ELSE credential_is_usable(state) END`;

/**
 * Claims the right to show a version's refresh token, for `presentingMs`. Another claim's time is waited
 * out: fences protect the row, only this protects the token itself. A back-off is waited out too: a second
 * run of the same activity would not know of it. Whoever is overtaken here may have shown the token unheard: that
 * stays with the version until it moves on.
 *
 * @param claim.forced the refresh counts towards the budget of `forcedWindowMs`
 * @param claim.onTrial dead tokens are shown, and no others
 * @returns null where the version has moved on
 */
export async function claimPresenting(
  db: Queryable,
  claim: {
    id: string;
    version: number;
    attempt: string;
    presentingMs: number;
    forced: boolean;
    onTrial: boolean;
  },
): Promise<PresentingClaim | null> {
  const taken = await db.query<{ unanswered: boolean }>(
    `UPDATE credentials
     SET unanswered_version =
           CASE WHEN presenting_version = version THEN version ELSE unanswered_version END,
         presenting_version = version, presenting_attempt = $3::text, presenting_hash = NULL,
         presenting_until = now() + $4::float8 * interval '1 millisecond',
         forced_count = CASE WHEN NOT $5::boolean THEN forced_count
                             WHEN forced_since > now() - $6::float8 * interval '1 millisecond'
                             THEN forced_count + 1
                             ELSE 1 END,
         forced_since = CASE WHEN $5::boolean
                              AND coalesce(forced_since <= now() - $6::float8 * interval '1 millisecond', true)
                             THEN now() ELSE forced_since END,
         updated_at = now()
     WHERE id = $1::text AND version = $2::int AND ${mayBeShown('$7')}
       AND (presenting_until IS NULL OR presenting_until <= now())
       AND (retry_at IS NULL OR retry_at <= now())
     RETURNING coalesce(unanswered_version = version, false) AS unanswered`,
    [
      ...[claim.id, claim.version, claim.attempt, claim.presentingMs, claim.forced],
      ...[forcedWindowMs, claim.onTrial],
    ],
  );
  if (taken.rows[0] !== undefined) return { claimed: true, ...taken.rows[0] };
  const { rows } = await db.query<{ until: Date }>(
    `SELECT greatest(presenting_until, retry_at) AS until FROM credentials
     WHERE id = $1::text AND version = $2::int AND ${mayBeShown('$3')}
       AND greatest(presenting_until, retry_at) > now()`,
    [claim.id, claim.version, claim.onTrial],
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
