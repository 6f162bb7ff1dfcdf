import type {
  CredentialFact,
  FailingDestination,
  IntegrationStatus,
  Reason,
  ReasonCode,
  TransitionCode,
  IntegrationFacts,
} from '../../../../workflows/contract/status';
import { failingOf, failingSql } from '../deliveries/failing-destinations';
import type { Queryable } from '../../pool';

/**
 * Of `integration_credentials l`: tokens were stored after the switch-off, or tried, and asked for an end of it. The actor
 * and the sweep go by the same words: else the sweep signals for ever what the actor doesn't do.
 */
export const resumeAskedSql =
  'coalesce(bool_or(l.resume_on_trial OR l.resume_version > coalesce(l.disabled_version, -1)), false)';

interface Row {
  user_id: string;
  name: string;
  provider: string;
  status: IntegrationStatus;
  status_since: Date;
  transition: number;
  reason_code: ReasonCode | null;
  reason_credential: string | null;
  reason_credentials: string[] | null;
  reason_message: string | null;
  reason_by: string | null;
  reason_since: Date | null;
  credentials: CredentialFact[];
  resume_asked: boolean;
  failing: FailingDestination | null;
}

const factsSql = `
  SELECT i.user_id, i.name, i.provider, i.status, i.status_since, i.transition, i.reason_code,
         i.reason_credential, i.reason_credentials, i.reason_message, i.reason_by, i.reason_since,
         coalesce(c.credentials, '[]') AS credentials, c.resume_asked, ${failingSql('f')} AS failing
  FROM integrations i
  LEFT JOIN failing_destinations f ON f.integration_id = i.id
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('name', l.name, 'id', k.id, 'version', k.version,
                    'state', k.state, 'code', CASE WHEN k.state = 'dead' THEN k.code END,
                    'triedAt', CASE WHEN k.state = 'dead' THEN to_char(
                      k.trial_refused_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') END)
                    ORDER BY credential_rank(k.state), l.name COLLATE "C") AS credentials,
           ${resumeAskedSql} AS resume_asked
    FROM integration_credentials l JOIN credentials k ON k.id = l.credential_id
    WHERE l.integration_id = i.id
  ) c
  WHERE i.id = $1::text AND i.deleted_at IS NULL`;

/** @returns null where there is no such integration */
export async function readIntegrationFacts(
  db: Queryable,
  integrationId: string,
): Promise<IntegrationFacts | null> {
  const { rows } = await db.query<Row>(factsSql, [integrationId]);
  const [row] = rows;
  if (row === undefined) return null;
  return {
    userId: row.user_id,
    name: row.name,
    provider: row.provider,
    status: row.status,
    since: row.status_since.toISOString(),
    transition: row.transition,
    reason: reasonOf(row),
    credentials: row.credentials,
    resumeAsked: row.resume_asked,
    failing: failingOf(row.failing),
  };
}

function reasonOf(row: Row): Reason | null {
  if (row.reason_code === null) return null;
  return {
    code: row.reason_code,
    credential: row.reason_credential,
    credentials: row.reason_credentials,
    message: row.reason_message ?? '',
    by: row.reason_by ?? 'system',
    since: (row.reason_since ?? row.status_since).toISOString(),
  };
}

export interface TransitionWrite {
  integrationId: string;
  /** The transition number that the writer knows; the write is refused where the row has moved on. */
  expected: number;
  to: IntegrationStatus;
  code: TransitionCode;
  credential: string | null;
  /** Whom the message of an ERROR names; absent where an older process decided. */
  credentials?: readonly string[] | null;
  message: string;
  by: string;
}

const transitionSql = `
  WITH before AS (
    SELECT id, status, reason_code FROM integrations
    WHERE id = $1::text AND transition = $2::int AND deleted_at IS NULL FOR UPDATE
  ), moved AS (
    UPDATE integrations i
    SET status = $3::text, status_since = now(), transition = $2::int + 1,
        reason_code = CASE WHEN $3::text = 'ENABLED' THEN NULL ELSE $4::text END,
        reason_credential = CASE WHEN $3::text = 'ENABLED' THEN NULL ELSE $5::text END,
        reason_credentials = CASE WHEN $3::text = 'ERROR' THEN $8::text[] END,
        reason_message = CASE WHEN $3::text = 'ENABLED' THEN NULL ELSE $6::text END,
        reason_by = CASE WHEN $3::text = 'ENABLED' THEN NULL ELSE $7::text END,
        reason_since = CASE WHEN $3::text = 'ENABLED' THEN NULL ELSE now() END
    FROM before WHERE i.id = before.id
    RETURNING i.id, before.status AS from_status
  ), fenced AS (
    UPDATE integration_credentials l SET disabled_version = k.version, resume_on_trial = false
    FROM credentials k, moved
    WHERE $3::text = 'DISABLED' AND l.integration_id = moved.id AND k.id = l.credential_id
  ), ended AS (
    UPDATE transitions t SET ended_at = now() FROM moved
    WHERE t.integration_id = moved.id AND t.number = $2::int
  )
  INSERT INTO transitions (integration_id, number, from_status, to_status, code, reason, by,
                           credential, credential_id, version)
  SELECT moved.id, $2::int + 1, moved.from_status, $3::text, $4::text, $6::text, $7::text, $5::text,
         k.id, k.version
  FROM moved
  LEFT JOIN integration_credentials l ON l.integration_id = moved.id AND l.name = $5::text
  LEFT JOIN credentials k ON k.id = l.credential_id
  RETURNING from_status AS "from", (SELECT reason_code FROM before) AS "fromReason",
            (SELECT coalesce(min(t.number) = 0 AND bool_and(t.to_status <> 'ENABLED'), false)
             FROM transitions t WHERE t.integration_id = $1::text AND t.number <= $2::int) AS "isNew"`;

/** What an integration was before a transition. */
export interface StatusBefore {
  from: IntegrationStatus;
  fromReason: ReasonCode | null;
  /** It has never been ENABLED; false too where its first transitions are deleted by age. */
  isNew: boolean;
}

/**
 * Writes a transition and its audit row, fenced by the transition's number.
 *
 * @returns what it was before, or null where the row had moved on
 */
export async function writeTransition(
  db: Queryable,
  { integrationId, expected, to, code, credential, credentials, message, by }: TransitionWrite,
): Promise<StatusBefore | null> {
  const values = [integrationId, expected, to, code, credential, message, by, credentials ?? null];
  const { rows } = await db.query<StatusBefore>(transitionSql, values);
  return rows[0] ?? null;
}

/** Whether exactly this transition was already written: by an earlier run of the same activity. */
export async function wasWritten(db: Queryable, write: TransitionWrite): Promise<boolean> {
  const { rowCount } = await db.query(
    `SELECT 1 FROM transitions
     WHERE integration_id = $1::text AND number = $2::int AND to_status = $3::text
       AND code = $4::text AND reason = $5::text AND by = $6::text`,
    [write.integrationId, write.expected + 1, write.to, write.code, write.message, write.by],
  );
  return rowCount === 1;
}

/** More may be said of the same: since when and by whom it is doesn't change. */
const sameReasonSql =
  '((reason_code, reason_credential) = ($3::text, $4::text) AND coalesce(reason_credentials = $7::text[], true))';

/** Another reason for an ERROR that stays one: no transition, no audit row, no notice. */
export async function writeReason(
  db: Queryable,
  { integrationId, expected, code, credential, credentials, message, by }: TransitionWrite,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE integrations
     SET reason_code = $3::text, reason_credential = $4::text, reason_message = $5::text,
         reason_credentials = $7::text[],
         reason_by = CASE WHEN ${sameReasonSql} THEN reason_by ELSE $6::text END,
         reason_since = CASE WHEN ${sameReasonSql} THEN reason_since ELSE now() END
     WHERE id = $1::text AND transition = $2::int AND status = 'ERROR'`,
    [integrationId, expected, code, credential, message, by, credentials ?? null],
  );
  return rowCount === 1;
}

/** Says which credentials a reason names where an older process wrote it: its message has each name in quotes. */
export async function nameReasonCredentials(db: Queryable, integrationId: string): Promise<void> {
  await db.query(
    `UPDATE integrations i SET reason_credentials = ARRAY(
       SELECT l.name FROM integration_credentials l
       WHERE l.integration_id = i.id AND position('"' || l.name || '"' IN i.reason_message) > 0)
     WHERE i.id = $1::text AND i.status = 'ERROR' AND i.reason_credentials IS NULL`,
    [integrationId],
  );
}
