import type { Envelope } from '../../../crypto/envelope';
import { refreshAt } from '../../../oauth/refresh-schedule';
import type { Queryable } from '../../pool';

/** A grant as it arrived: what is absent here is gone from the row, never kept from the old one. */
export interface NewGrant {
  accessToken: string;
  refreshToken?: string | undefined;
  expiresAt?: Date | undefined;
  scope?: string | undefined;
  /** Absent: nobody said; the stored account stays, since it can only be the same one. */
  account?: { id: string; label?: string | undefined } | undefined;
  /** The provider gave or accepted it just now, so that it is known to work. */
  proven: boolean;
  /** A person gave consent just now. */
  consented?: boolean | undefined;
  /** The provider named the account, or confirmed it. Once it has, that stays: the row's account is always the same. */
  accountProven?: boolean | undefined;
  /** What the provider said that it granted; absent where it didn't. */
  scopes?: readonly string[] | undefined;
  /** When the grant ends without another refresh; where the end is fixed no refresh moves it. */
  refreshExpiresAt?: Date | undefined;
  refreshEndIsFixed?: boolean | undefined;
  /** The client and token origin that accepted a refresh of it just now: `<client id> <origin>`. */
  client?: string | undefined;
}

export interface StoreTokens {
  credentialId: string;
  grant: NewGrant;
  /** Keyed hash of the grant's refresh token; null where there is none, or its key can't be read. */
  refreshTokenHash?: Buffer | null | undefined;
  /** The version rises above this one too: of a credential that this one replaces. */
  aboveVersion?: number | undefined;
  /**
   * The claim (`presenting_attempt`) under which the refresh token is shown. `goesOn`: it is for these tokens then, and
   * no answer has come yet; `isRequired`: nothing is stored where the claim is lost.
   */
  claim?: { attempt: string; goesOn?: boolean; isRequired?: boolean } | undefined;
  /** It was presented, and no answer came: the provider may have rotated it. */
  isUnanswered?: boolean | undefined;
  /** The one integration that is brought back even if it was switched off. */
  resume?: { integrationId: string; name: string } | undefined;
}

export type StoreTokensOutcome =
  | { kind: 'stored'; version: number; integrationIds: string[] }
  /** The required claim is lost: other tokens were stored since. */
  | { kind: 'outdone' }
  | { kind: 'account_mismatch'; stored: { id: string; label: string | null } }
  | { kind: 'not_found' };

/**
 * Replaces everything of a grant in one statement: its tokens, and whatever was noted about the
 * old ones. A refresh of the old grant that is under way fails its compare-and-set on the version.
 */
export async function storeTokens(
  client: Queryable,
  envelope: Envelope,
  { credentialId, grant, resume, ...more }: StoreTokens,
): Promise<StoreTokensOutcome> {
  const seal = (column: 'access_token' | 'refresh_token', value: string | undefined) =>
    value === undefined ? null : envelope.seal(value, `credentials.${column}:${credentialId}`);
  const { rows } = await client.query<{ version: number; integration_ids: string[] }>(
    `WITH before AS (
       SELECT id AS before_id, state = 'dead' AS was_dead FROM credentials
       WHERE id = $1::text FOR UPDATE
     ), stored AS (
       UPDATE credentials SET
         version = greatest(version, $13::int) + 1, state = 'alive', code = NULL, external = false,
         access_token = $2::bytea, refresh_token = $3::bytea, expires_at = $4::timestamptz,
         scope = $5::text, obtained_at = now(), refresh_at = $6::timestamptz,
         account_label =
           CASE WHEN $7::text IS NULL THEN account_label ELSE coalesce($8::text, account_label) END,
         account_id = coalesce($7::text, account_id),
         account_proven = account_proven
           OR $22::boolean AND coalesce($7::text, account_id) IS NOT NULL,
         consented_at = CASE WHEN $14::boolean THEN now() END,
         refresh_token_hash = $12::bytea, refresh_token_given = $3::bytea IS NOT NULL,
         scopes = $15::text[], refresh_expires_at = $16::timestamptz,
         refresh_end_is_fixed = $17::boolean, expiring_notified_for = NULL,
         client = $18::text, client_accepted_at = CASE WHEN $18::text IS NOT NULL THEN now() END,
         refresh_rejected_since = NULL, trial_until = NULL, trial_at = NULL,
         tried_at = NULL, trial_refused_at = NULL,
         presenting_version = CASE WHEN presenting_attempt = $19::text
                                   THEN greatest(version, $13::int) + 1 END,
         presenting_until = CASE WHEN presenting_attempt = $19::text THEN presenting_until END,
         presenting_hash = CASE WHEN presenting_attempt = $19::text THEN presenting_hash END,
         presenting_attempt = CASE WHEN presenting_attempt = $19::text THEN presenting_attempt END,
         unanswered_version = CASE WHEN $20::boolean THEN greatest(version, $13::int) + 1 END,
         failures = 0, retry_at = NULL, degraded_since = NULL,
         forced_version = NULL, forced_count = 0, forced_since = NULL, refused_since = NULL,
         refused_at = NULL, refused_until = NULL, refusals = 0, probe_at = NULL,
         verified_at = CASE WHEN $9::boolean THEN now() END,
         last_success_at = CASE WHEN $9::boolean THEN now() ELSE last_success_at END,
         updated_at = now()
       FROM before
       WHERE id = before_id AND (account_id IS NULL OR $7::text IS NULL OR account_id = $7::text)
         AND ($21::text IS NULL OR presenting_attempt = $21::text)
       RETURNING id, version, was_dead
     ), resumed AS (
       -- Only what these tokens ask for counts: a trial of dead ones ends with them. One that was passed still counts.
       UPDATE integration_credentials l
       SET resume_on_trial = l.resume_on_trial AND NOT stored.was_dead,
           resume_version = CASE WHEN l.integration_id = $10::text AND l.name = $11::text
                                 THEN stored.version ELSE l.resume_version END
       FROM stored
       WHERE l.credential_id = stored.id
         AND (l.resume_on_trial AND stored.was_dead OR l.integration_id = $10::text AND l.name = $11::text)
     )
     SELECT stored.version,
            ARRAY(SELECT DISTINCT l.integration_id
                    FROM integration_credentials l JOIN integrations i ON i.id = l.integration_id
                   WHERE l.credential_id = stored.id AND i.deleted_at IS NULL
                   ORDER BY 1) AS integration_ids
       FROM stored`,
    [
      credentialId,
      seal('access_token', grant.accessToken),
      seal('refresh_token', grant.refreshToken),
      grant.expiresAt ?? null,
      grant.scope ?? null,
      dueAt(grant) ?? null,
      grant.account?.id ?? null,
      grant.account?.label ?? null,
      grant.proven,
      resume?.integrationId ?? null,
      resume?.name ?? null,
      more.refreshTokenHash ?? null,
      more.aboveVersion ?? 0,
      grant.consented ?? false,
      grant.scopes ?? null,
      grant.refreshExpiresAt ?? null,
      grant.refreshEndIsFixed ?? false,
      grant.client ?? null,
      more.claim?.goesOn === true ? more.claim.attempt : null,
      more.isUnanswered ?? false,
      more.claim?.isRequired === true ? more.claim.attempt : null,
      grant.accountProven ?? false,
    ],
  );
  const [row] = rows;
  if (row === undefined) return readMismatch(client, credentialId, more.claim);
  return { kind: 'stored', version: row.version, integrationIds: row.integration_ids };
}

/** Nothing can be refreshed without a refresh token: then its end is looked at when it comes. */
function dueAt(grant: NewGrant): Date | undefined {
  const {
    refreshToken,
    expiresAt,
    refreshExpiresAt: at,
    refreshEndIsFixed: isFixed = false,
  } = grant;
  if (refreshToken === undefined) return expiresAt;
  return refreshAt(new Date(), expiresAt, Math.random(), at === undefined ? null : { at, isFixed });
}

async function readMismatch(
  client: Queryable,
  credentialId: string,
  claim: StoreTokens['claim'],
): Promise<StoreTokensOutcome> {
  const { rows } = await client.query<{
    accountId: string | null;
    accountLabel: string | null;
    attempt: string | null;
  }>(
    `SELECT account_id AS "accountId", account_label AS "accountLabel", presenting_attempt AS attempt
     FROM credentials WHERE id = $1::text`,
    [credentialId],
  );
  const [row] = rows;
  if (row === undefined) return { kind: 'not_found' };
  if (claim?.isRequired === true && row.attempt !== claim.attempt) return { kind: 'outdone' };
  if (row.accountId === null) return { kind: 'not_found' };
  return { kind: 'account_mismatch', stored: { id: row.accountId, label: row.accountLabel } };
}
