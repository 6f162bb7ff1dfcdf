import type { Queryable } from '../pool';

/**
 * How many deliveries a replay may put in its integration's queue: up to half of the keep limit, so that what arrives
 * meanwhile is never refused for it.
 *
 * @param keepLimit at most so many rows are counted, in the index on what is pending
 * @returns 0 where there is no room, or the replay is gone
 */
export async function replayRoom(
  db: Queryable,
  replayId: string,
  keepLimit: number,
): Promise<number> {
  const share = Math.ceil(keepLimit / 2);
  const { rows } = await db.query<{ pending: number }>(
    `SELECT (SELECT count(*) FROM (
               SELECT FROM deliveries d
               WHERE d.integration_id = r.integration_id AND d.state = 'pending' LIMIT $2::int
             ) counted) AS pending
     FROM replays r WHERE r.id = $1::text`,
    [replayId, share],
  );
  return share - (rows[0]?.pending ?? share);
}
