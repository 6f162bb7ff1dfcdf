import { resumeAskedSql } from '../integrations/status';

/**
 * Integrations whose status is not what their credentials say, and those in ERROR whose reason is another one, or names
 * others than the dead, or doesn't say whom, or begins with one that counts less: its actor then writes it anew. One pass
 * over all of them with hash joins: as MATERIALIZED, since with the page's limit in sight the planner would look at each by
 * itself.
 */
export const statusSql = `
  WITH due AS MATERIALIZED (
    SELECT i.id FROM integrations i
    LEFT JOIN (integration_credentials l
               LEFT JOIN credentials k ON k.id = l.credential_id AND NOT credential_is_usable(k.state))
           ON l.integration_id = i.id
    WHERE i.deleted_at IS NULL AND i.id > $1::text AND (i.status <> 'ENABLED' OR k.id IS NOT NULL)
    GROUP BY i.id
    HAVING i.status = 'ENABLED'
        OR i.status = 'ERROR' AND (count(k.id) = 0
           OR i.reason_credentials IS NULL OR cardinality(i.reason_credentials) <> count(k.id)
           OR bool_or(k.id IS NOT NULL AND (l.name <> ALL (i.reason_credentials)
                      OR l.name = i.reason_credential
                         AND credential_death_code(k.state, k.code) <> i.reason_code))
           OR (array_agg(l.name ORDER BY credential_rank(k.state), l.name COLLATE "C")
                FILTER (WHERE k.id IS NOT NULL))[1] <> i.reason_credential)
        OR i.status = 'DISABLED' AND count(k.id) = 0 AND ${resumeAskedSql}
  )
  SELECT id, 0 AS version FROM due ORDER BY id LIMIT $2::int`;

const late = "now() - interval '5 seconds'";

/** Credentials whose own timer should have acted by now, or that nobody has set the time of a probe for. */
export const credentialSql = `
  WITH due AS MATERIALIZED (
    SELECT k.id, k.version FROM credentials k
    WHERE credential_is_usable(k.state) AND coalesce(k.retry_at, k.refresh_at) < ${late}
    UNION
    SELECT k.id, k.version FROM credentials k
    WHERE credential_is_usable(k.state) AND k.probe_at < ${late} AND k.retry_at IS NULL
    UNION
    SELECT k.id, k.version FROM credentials k
    WHERE credential_is_usable(k.state) AND k.probe_at IS NULL AND NOT k.external
      AND k.provider = ANY ($3::text[])
    UNION
    SELECT k.id, k.version FROM credentials k WHERE k.state = 'dead' AND k.trial_at < ${late}
  )
  SELECT id, version FROM due WHERE id > $1::text ORDER BY id LIMIT $2::int`;

/** Streams whose oldest notice should have been sent by now: those behind it wait for it, due or not. */
export const noticesSql = `
  WITH due AS MATERIALIZED (
    SELECT n.stream FROM notices n
    WHERE n.ended_at IS NULL AND n.next_attempt_at <= ${late}
      AND NOT EXISTS (SELECT FROM notices o WHERE o.stream = n.stream AND o.ended_at IS NULL
                        AND o.sequence < n.sequence)
  )
  SELECT stream AS id, 0 AS version FROM due
  WHERE stream > $1::text ORDER BY stream LIMIT $2::int`;

/** Grants that the actors of deleted credentials should have revoked by now. */
export const revocationSql = `
  WITH due AS MATERIALIZED (
    SELECT r.credential_id FROM revocations r WHERE r.next_attempt_at < ${late}
  )
  SELECT credential_id AS id, 0 AS version FROM due
  WHERE credential_id > $1::text ORDER BY credential_id LIMIT $2::int`;

/** Everybody: after Temporal lost its data. */
export const allIntegrationsSql = `
  SELECT id, 0 AS version, user_id AS "userId" FROM integrations
  WHERE deleted_at IS NULL AND id > $1::text
  ORDER BY id LIMIT $2::int`;
export const allCredentialsSql = `
  SELECT id, version, user_id AS "userId" FROM credentials
  WHERE id > $1::text ORDER BY id LIMIT $2::int`;

/** Replays that go on in the background, and that nobody has looked at for longer than their workflow ever waits. */
export const dueReplaySql = `
  SELECT r.id, 0 AS version FROM replays r
  WHERE r.ended_at IS NULL AND r.fed_at < now() - interval '90 seconds' AND r.id > $1::text
  ORDER BY r.id LIMIT $2::int`;

/** All that have not ended. */
export const openReplaySql = `
  SELECT r.id, 0 AS version FROM replays r
  WHERE r.ended_at IS NULL AND r.id > $1::text ORDER BY r.id LIMIT $2::int`;
