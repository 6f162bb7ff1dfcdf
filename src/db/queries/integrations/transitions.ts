import type { IntegrationStatus, TransitionCode } from '../../../../workflows/contract/status';
import { type PageKey, type PageRequest, pageKeySql } from '../../pagination';
import type { Queryable } from '../../pool';

export interface TransitionWrite {
  integrationId: string;
  /** The transition number that the writer knows; the write is refused where the row has moved on. */
  expected: number;
  to: IntegrationStatus;
  code: TransitionCode;
  credential: string | null;
  message: string;
  by: string;
}

const transitionSql = `
  WITH before AS (
    SELECT id, status FROM integrations
    WHERE id = $1::text AND transition = $2::int AND deleted_at IS NULL FOR UPDATE
  ), moved AS (
    UPDATE integrations i
    SET status = $3::text, status_since = now(), transition = $2::int + 1,
        reason_code = CASE WHEN $3::text = 'ENABLED' THEN NULL ELSE $4::text END,
        reason_credential = CASE WHEN $3::text = 'ENABLED' THEN NULL ELSE $5::text END,
        reason_message = CASE WHEN $3::text = 'ENABLED' THEN NULL ELSE $6::text END,
        reason_by = CASE WHEN $3::text = 'ENABLED' THEN NULL ELSE $7::text END,
        reason_since = CASE WHEN $3::text = 'ENABLED' THEN NULL ELSE now() END
    FROM before WHERE i.id = before.id
    RETURNING i.id, before.status AS from_status
  ), fenced AS (
    UPDATE integration_credentials l SET disabled_version = k.version
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
  RETURNING from_status`;

/**
 * Writes a transition and its audit row, fenced by the transition's number.
 *
 * @returns the status before, or null where the row had moved on
 */
export async function writeTransition(
  db: Queryable,
  { integrationId, expected, to, code, credential, message, by }: TransitionWrite,
): Promise<IntegrationStatus | null> {
  const { rows } = await db.query<{ from_status: IntegrationStatus }>(transitionSql, [
    integrationId,
    expected,
    to,
    code,
    credential,
    message,
    by,
  ]);
  return rows[0]?.from_status ?? null;
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

/** Another reason for an ERROR that stays one: no transition, no audit row, no notice. */
export async function writeReason(
  db: Queryable,
  { integrationId, expected, code, credential, message, by }: TransitionWrite,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE integrations
     SET reason_code = $3::text, reason_credential = $4::text, reason_message = $5::text,
         reason_by = $6::text, reason_since = now()
     WHERE id = $1::text AND transition = $2::int AND status = 'ERROR'`,
    [integrationId, expected, code, credential, message, by],
  );
  return rowCount === 1;
}

/** Its `id` is its number, as text. */
export interface TransitionRow extends PageKey {
  number: number;
  from: IntegrationStatus | null;
  to: IntegrationStatus;
  code: TransitionCode;
  reason: string | null;
  by: string;
  credential: string | null;
  version: number | null;
  at: Date;
}

/** Newest first. @returns one row more than the limit where there is another page */
export async function listTransitions(
  db: Queryable,
  integrationId: string,
  { limit, after }: PageRequest,
): Promise<TransitionRow[]> {
  const { rows } = await db.query<TransitionRow>(
    `SELECT number::text AS id, ${pageKeySql('at')}, number, from_status AS "from", to_status AS "to", code, reason, by, credential, version,
            at
     FROM transitions
     WHERE integration_id = $1::text AND ($2::bigint IS NULL OR number < $2::bigint)
     ORDER BY number DESC LIMIT $3::int`,
    [integrationId, after?.id ?? null, limit + 1],
  );
  return rows;
}
