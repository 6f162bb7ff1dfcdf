import type { Queryable } from '../../pool';

export interface NotificationCounts {
  /** Waiting ones that were tried in vain. */
  failing: number;
  /** Why the oldest of them was not taken. */
  error: string | null;
  oldestSeconds: number;
  /** Given up, or refused for good, within the last day. */
  givenUp: number;
}

/** What became of notifications lately. */
export async function readNotificationCounts(db: Queryable): Promise<NotificationCounts> {
  const { rows } = await db.query<NotificationCounts>(
    `SELECT count(*) FILTER (WHERE waits)::int AS failing,
            (array_agg(error ORDER BY sequence) FILTER (WHERE waits))[1] AS error,
            coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE waits)), 0)::int
              AS "oldestSeconds",
            count(*) FILTER (WHERE outcome IN ('given_up', 'refused'))::int AS "givenUp"
     FROM (SELECT *, ended_at IS NULL AND attempts > 0 AND error IS NOT NULL AS waits
           FROM notices WHERE ended_at IS NULL OR ended_at > now() - interval '1 day') n`,
  );
  return rows[0] ?? { failing: 0, error: null, oldestSeconds: 0, givenUp: 0 };
}
