import type { Queryable } from '../pool';
import { openReplaySql, owedReplaySql } from './replay-owed';
import { resumeAskedSql } from './resume-asked';

/** Whom the sweep rings, and why. */
export interface Owed {
  kind: 'inbox' | 'status' | 'credential' | 'notices' | 'revocation' | 'replay';
  /** An integration's id, a credential's, a replay's, or a stream of notices. */
  id: string;
  /** The credential's version; 0 for the others. */
  version: number;
}

const notHeld = `NOT EXISTS (SELECT FROM holds h WHERE h.scope = 'all' OR h.user_id = i.user_id)`;

/** Due deliveries of ENABLED, unheld integrations that nobody is draining. */
const inboxSql = `
  SELECT i.id, 0 AS version FROM integrations i
  CROSS JOIN LATERAL (
    SELECT next_attempt_at, waits_for_credential, waits_for_version FROM deliveries d
    WHERE d.integration_id = i.id AND d.state = 'pending'
    ORDER BY d.sequence, d.position LIMIT 1
  ) oldest
  WHERE i.status = 'ENABLED' AND i.deleted_at IS NULL AND i.id > $1::text AND ${notHeld}
    AND (oldest.next_attempt_at IS NULL OR oldest.next_attempt_at <= now()
         OR EXISTS (SELECT FROM credentials k WHERE k.id = oldest.waits_for_credential
                      AND k.version > oldest.waits_for_version))
    AND NOT EXISTS (SELECT FROM drain_leases l WHERE l.integration_id = i.id AND l.until > now())
  ORDER BY i.id LIMIT $2::int`;

/**
 * Integrations whose status is not what their credentials say, and those in ERROR whose reason is another one,
 * or names others than the dead: its message has each name in quotes.
 */
const statusSql = `
  SELECT i.id, 0 AS version FROM integrations i
  CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(k.state IN ('dead', 'missing')), false) AS dead,
           coalesce(bool_or(k.state IN ('dead', 'missing')
                            <> (position('"' || l.name || '"' IN i.reason_message) > 0)
                            OR l.name = i.reason_credential AND k.code <> i.reason_code), false)
             AS misnamed,
           ${resumeAskedSql} AS resume
    FROM integration_credentials l JOIN credentials k ON k.id = l.credential_id
    WHERE l.integration_id = i.id
  ) c
  WHERE i.deleted_at IS NULL AND i.id > $1::text
    AND (i.status = 'ENABLED' AND c.dead OR i.status = 'ERROR' AND (NOT c.dead OR c.misnamed)
         OR i.status = 'DISABLED' AND c.resume AND NOT c.dead)
  ORDER BY i.id LIMIT $2::int`;

/** Credentials whose own timer should have acted by now, or that nobody has set the time of a probe for. */
const credentialSql = `
  SELECT k.id, k.version FROM credentials k
  WHERE k.state IN ('alive', 'degraded') AND k.id > $1::text
    AND (coalesce(k.retry_at, k.refresh_at) < now() - interval '5 seconds'
         OR k.retry_at IS NULL AND k.probe_at < now() - interval '5 seconds'
         OR k.probe_at IS NULL AND k.provider = ANY ($3::text[]))
  ORDER BY k.id LIMIT $2::int`;

const noticesSql = `
  SELECT DISTINCT n.stream AS id, 0 AS version FROM notices n
  WHERE n.ended_at IS NULL AND n.next_attempt_at <= now() - interval '5 seconds'
    AND n.stream > $1::text
  ORDER BY n.stream LIMIT $2::int`;

/** Grants that the actors of deleted credentials should have given back by now. */
const revocationSql = `
  SELECT r.credential_id AS id, 0 AS version FROM revocations r
  WHERE r.next_attempt_at < now() - interval '5 seconds' AND r.credential_id > $1::text
  ORDER BY r.credential_id LIMIT $2::int`;

/** Everybody: after Temporal lost its data. */
const allIntegrationsSql = `
  SELECT id, 0 AS version FROM integrations WHERE deleted_at IS NULL AND id > $1::text
  ORDER BY id LIMIT $2::int`;
const allCredentialsSql = `
  SELECT id, version FROM credentials WHERE id > $1::text ORDER BY id LIMIT $2::int`;

export const owedKinds = [
  'inbox',
  'status',
  'credential',
  'notices',
  'revocation',
  'replay',
] as const;

export interface OwedQuery {
  /** Everybody of that kind, owed or not. */
  all: boolean;
  /** The providers that declare a probe; default: none. */
  probed?: readonly string[];
  /** The last id of the page before, or ''. */
  after: string;
  limit: number;
}

/** One page of what is owed of a kind, by id. */
export async function owedPage(
  db: Queryable,
  kind: Owed['kind'],
  { all, probed = [], after, limit }: OwedQuery,
): Promise<Owed[]> {
  const sql = {
    inbox: inboxSql,
    status: all ? allIntegrationsSql : statusSql,
    credential: all ? allCredentialsSql : credentialSql,
    notices: noticesSql,
    revocation: revocationSql,
    replay: all ? openReplaySql : owedReplaySql,
  }[kind];
  const asksForProbes = sql === credentialSql ? [probed] : [];
  const { rows } = await db.query<{ id: string; version: number }>(sql, [
    after,
    limit,
    ...asksForProbes,
  ]);
  return rows.map((row) => ({ kind, ...row }));
}
