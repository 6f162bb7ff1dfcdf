import { type PageKey, type PageRequest, pageKeySql, pageTimeSql } from '../../pagination';
import type { Queryable } from '../../pool';
import type { ReplayableState } from './insert';

/** A replay, and how far it came. */
export interface ReplayRow extends PageKey {
  integrationId: string;
  deliveryId: string | null;
  state: ReplayableState | null;
  from: Date | null;
  to: Date | null;
  /** How many it had to put in the queue when it was asked for. */
  count: number;
  /** How many it has put there. */
  done: number;
  createdAt: Date;
  endedAt: Date | null;
  endReason: 'completed' | 'cancelled' | 'integration_disabled' | null;
  cancelledAt: Date | null;
}

const columns = `r.id, ${pageKeySql('r.created_at')}, r.integration_id AS "integrationId",
  r.delivery_id AS "deliveryId", r.state, r.from_at AS "from", r.to_at AS "to", r.total AS count,
  r.done, r.created_at AS "createdAt", r.ended_at AS "endedAt", r.end_reason AS "endReason",
  r.cancelled_at AS "cancelledAt"`;

/** Newest first. @returns one row more than the limit where there is another page */
export async function listReplays(
  db: Queryable,
  integrationId: string,
  { limit, after }: PageRequest,
): Promise<ReplayRow[]> {
  const { rows } = await db.query<ReplayRow>(
    `SELECT ${columns} FROM replays r
     WHERE r.integration_id = $1::text
       AND ($2::bigint IS NULL OR (r.created_at, r.id) < (${pageTimeSql('$2')}, $3::text))
     ORDER BY r.created_at DESC, r.id DESC LIMIT $4::int`,
    [integrationId, after?.atMicros ?? null, after?.id ?? null, limit + 1],
  );
  return rows;
}

export async function readReplay(db: Queryable, id: string): Promise<ReplayRow | undefined> {
  const { rows } = await db.query<ReplayRow>(
    `SELECT ${columns} FROM replays r JOIN integrations i ON i.id = r.integration_id
     WHERE r.id = $1::text AND i.deleted_at IS NULL`,
    [id],
  );
  return rows[0];
}

/** What it has put in the queue stays there. One that has ended stays as it is. @returns false where it had ended */
export async function cancelReplay(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE replays SET cancelled_at = now(), ended_at = now(), end_reason = 'cancelled'
     WHERE id = $1::text AND ended_at IS NULL`,
    [id],
  );
  return rowCount === 1;
}

/** Those of these integrations that Temporal may know. */
export async function listBackgroundReplays(
  db: Queryable,
  integrationIds: readonly string[],
): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    'SELECT id FROM replays WHERE integration_id = ANY ($1::text[]) AND in_background',
    [integrationIds],
  );
  return rows.map(({ id }) => id);
}
