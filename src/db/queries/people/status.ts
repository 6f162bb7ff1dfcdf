import type { Health, IntegrationStatus, ReasonCode } from '../../../../workflows/contract/status';
import type { Queryable } from '../../pool';
import { holdOrderSql } from '../holds';

/** One of a person's integrations; the same fields are null where they have none. */
interface ConnectorColumns {
  integrationId: string;
  name: string;
  provider: string;
  status: IntegrationStatus;
  since: Date;
  reasonCode: ReasonCode | null;
  health: Health;
  healthCode: string | null;
  lastSuccessAt: Date | null;
  lastFailureAt: Date | null;
  /** Counted up to `countedTo`. */
  pending: number;
  /** Since when deliveries fail at their destination; null where they don't. */
  failingSince: Date | null;
}

interface HoldColumns {
  userId: string;
  holdBy: 'user' | 'operator' | null;
  holdReason: string | null;
  holdSince: Date | null;
}

export type ConnectorRow = ConnectorColumns & HoldColumns;

/** A person without integrations has one row too. */
export type PersonStatusRow = ConnectorRow | (HoldColumns & { integrationId: null });

/**
 * Several people's integrations and holds, in one statement. What it costs doesn't depend on how much is kept: no more
 * than `countedTo` of one integration's deliveries are counted.
 */
export async function readPersonStatuses(
  db: Queryable,
  userIds: readonly string[],
  countedTo: number,
): Promise<PersonStatusRow[]> {
  const { rows } = await db.query<PersonStatusRow>(
    `SELECT u.id AS "userId", o.by AS "holdBy", o.reason AS "holdReason", o.since AS "holdSince",
            h.integration_id AS "integrationId", h.name, h.provider, h.status,
            h.status_since AS since, h.reason_code AS "reasonCode", h.health,
            h.health_code AS "healthCode", h.last_success_at AS "lastSuccessAt",
            h.last_failure_at AS "lastFailureAt",
            CASE WHEN h.integration_id IS NOT NULL
              THEN pending_up_to(h.integration_id, $2::int) END AS pending,
            f.since AS "failingSince"
     FROM unnest($1::text[]) u (id)
     LEFT JOIN LATERAL (
       SELECT by, reason, since FROM holds WHERE user_id IN ('', u.id)
       ORDER BY ${holdOrderSql} LIMIT 1) o ON true
     LEFT JOIN connector_health h ON h.user_id = u.id
     LEFT JOIN failing_destinations f ON f.integration_id = h.integration_id
     ORDER BY u.id, h.name`,
    [userIds, countedTo],
  );
  return rows;
}

/** @returns the id of a person's integration of that name */
export async function findConnector(
  db: Queryable,
  userId: string,
  name: string,
): Promise<{ id: string; provider: string } | undefined> {
  const { rows } = await db.query<{ id: string; provider: string }>(
    `SELECT id, provider FROM integrations
     WHERE user_id = $1::text AND name = $2::text AND deleted_at IS NULL`,
    [userId, name],
  );
  return rows[0];
}
