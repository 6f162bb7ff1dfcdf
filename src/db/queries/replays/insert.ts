import type { IntegrationStatus } from '../../../../workflows/contract/status';
import { pageTimeSql } from '../../pagination';
import type { Queryable } from '../../pool';
import { isDroppedSql } from '../deliveries/drop-ended';
import type { DeliveryState } from '../deliveries/list';

/** What has ended and still has its body, unless that was dropped. */
export const replayableStates = ['failed', 'handled', 'discarded'] as const;
export type ReplayableState = (typeof replayableStates)[number];

/** What a replay was asked to choose. */
export interface ReplayChoice {
  /** One delivery, whatever the rest says. */
  deliveryId: string | null;
  /** Null for all that can be replayed. */
  state: ReplayableState | null;
  /** Unix time in microseconds as digits, of the receipt; `from` is in the range, `to` isn't. */
  fromMicros: string | null;
  toMicros: string | null;
}

/**
 * The range ends at the latest now: what is received later can't have ended before. All that is counted is in the
 * index on state and time of receipt.
 */
const insertSql = `
  INSERT INTO replays (id, integration_id, delivery_id, state, from_at, to_at, states, transition,
                       cursor_at, until_at, total)
  SELECT $1::text, i.id, $3::text, $4::text, b.from_at, b.to_at, $5::text[], i.transition,
         b.cursor_at, b.until_at,
         (SELECT count(*) FROM deliveries d
          WHERE d.integration_id = $2::text AND d.state = ANY ($5::text[])
            AND d.received_at >= b.cursor_at AND d.received_at < b.until_at
            AND ($3::text IS NULL OR d.id = $3::text))
  FROM integrations i
  LEFT JOIN deliveries one ON one.id = $3::text
  CROSS JOIN LATERAL (
    SELECT ${pageTimeSql('$6')} AS from_at, ${pageTimeSql('$7')} AS to_at
  ) asked
  CROSS JOIN LATERAL (
    SELECT asked.from_at, asked.to_at,
           coalesce(one.received_at, asked.from_at, '-infinity') AS cursor_at,
           coalesce(one.received_at + interval '1 microsecond', least(asked.to_at, now())) AS until_at
  ) b
  WHERE i.id = $2::text AND i.deleted_at IS NULL AND i.status <> 'DISABLED'
  RETURNING total AS count`;

/**
 * @returns how many it has chosen: those of that state in this moment
 * @returns null where the integration is gone or DISABLED
 */
export async function insertReplay(
  db: Queryable,
  { id, integrationId, choice }: { id: string; integrationId: string; choice: ReplayChoice },
): Promise<number | null> {
  const { deliveryId, state, fromMicros, toMicros } = choice;
  const states = state === null ? replayableStates : [state];
  const { rows } = await db.query<{ count: number }>(insertSql, [
    ...[id, integrationId, deliveryId, state],
    ...[states, fromMicros, toMicros],
  ]);
  return rows[0]?.count ?? null;
}

interface ReplayedDelivery {
  integrationId: string;
  state: DeliveryState;
  isDropped: boolean;
}

/** Whom a delivery belongs to, and whether it has its body: of what has expired, or was dropped, it is gone. */
export async function readDeliveryState(
  db: Queryable,
  id: string,
): Promise<ReplayedDelivery | undefined> {
  const { rows } = await db.query<ReplayedDelivery>(
    `SELECT d.integration_id AS "integrationId", d.state, ${isDroppedSql('d')} AS "isDropped"
     FROM deliveries d JOIN integrations i ON i.id = d.integration_id AND i.deleted_at IS NULL
     WHERE d.id = $1::text`,
    [id],
  );
  return rows[0];
}

/** @returns undefined where it is gone */
export async function readStatus(
  db: Queryable,
  integrationId: string,
): Promise<IntegrationStatus | undefined> {
  const { rows } = await db.query<{ status: IntegrationStatus }>(
    'SELECT status FROM integrations WHERE id = $1::text AND deleted_at IS NULL',
    [integrationId],
  );
  return rows[0]?.status;
}
