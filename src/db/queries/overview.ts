import type { Queryable } from '../pool';

/** Counting stops here: of more there are at least so many. */
export const countedAtMost = { integrations: 100_000, others: 10_000, lists: 100 } as const;

export type IntegrationCounts = Record<'ENABLED' | 'DISABLED' | 'ERROR', number>;

export async function countIntegrations(db: Queryable): Promise<IntegrationCounts> {
  const { rows } = await db.query<IntegrationCounts>(
    `SELECT ${['ENABLED', 'DISABLED', 'ERROR'].map(countSql).join(', ')}`,
    [countedAtMost.integrations],
  );
  return rows[0] ?? { ENABLED: 0, DISABLED: 0, ERROR: 0 };
}

const countSql = (status: string) => `(
  SELECT count(*)::int FROM (
    SELECT FROM integrations WHERE status = '${status}' AND deleted_at IS NULL LIMIT $1::int) n
) AS "${status}"`;

export interface BrokenRow {
  provider: string;
  code: string;
  count: number;
  oldestSince: Date;
  /** The id of the integration that has been so for longest. */
  example: string;
}

/** What has died, by provider and reason, the most first. What was never connected is not among it: nothing broke. */
export async function listBroken(db: Queryable): Promise<BrokenRow[]> {
  const { rows } = await db.query<BrokenRow>(
    `SELECT provider, code, count(*)::int AS count, min(since) AS "oldestSince",
            (array_agg(id ORDER BY since, id))[1] AS example
     FROM (
       SELECT id, provider, reason_code AS code, coalesce(reason_since, status_since) AS since
       FROM integrations
       WHERE status = 'ERROR' AND deleted_at IS NULL AND reason_code <> 'not_connected'
       LIMIT $1::int) i
     GROUP BY provider, code ORDER BY count(*) DESC, provider, code LIMIT $2::int`,
    [countedAtMost.integrations, countedAtMost.lists],
  );
  return rows;
}

/** Deliveries that are not tried again. */
export async function countDeadLetters(db: Queryable): Promise<number | null> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*)::int FROM (SELECT FROM deliveries WHERE state = 'failed' LIMIT $1::int) n`,
    [countedAtMost.others],
  );
  return rows[0]?.count ?? null;
}

export interface FailingDestination {
  origin: string;
  /** How many integrations go there and fail. */
  integrations: number;
  since: Date;
  /** Of the one that has failed for longest. */
  error: string;
}

export async function listFailingDestinations(db: Queryable): Promise<FailingDestination[]> {
  const { rows } = await db.query<FailingDestination>(
    `SELECT origin, count(*)::int AS integrations, min(since) AS since,
            (array_agg(error ORDER BY since, integration_id))[1] AS error
     FROM (SELECT * FROM failing_destinations LIMIT $1::int) f
     GROUP BY origin ORDER BY min(since), origin LIMIT $2::int`,
    [countedAtMost.integrations, countedAtMost.lists],
  );
  return rows;
}

export interface Standing {
  /** Operators' and persons' own. */
  holds: number;
  /** Providers that reject the application itself. */
  applicationFaults: number;
  notificationsWaiting: number;
  oldestNotificationAt: Date | null;
}

export async function readStanding(db: Queryable): Promise<Standing> {
  const { rows } = await db.query<Standing>(
    `SELECT (SELECT count(*)::int FROM (SELECT FROM holds LIMIT $1::int) n) AS holds,
            (SELECT count(*)::int FROM app_faults WHERE taken_at IS NULL) AS "applicationFaults",
            count(*)::int AS "notificationsWaiting", min(created_at) AS "oldestNotificationAt"
     FROM (SELECT created_at FROM notices WHERE ended_at IS NULL
           ORDER BY next_attempt_at LIMIT $1::int) n`,
    [countedAtMost.others],
  );
  const none = { holds: 0, applicationFaults: 0, notificationsWaiting: 0 };
  return rows[0] ?? { ...none, oldestNotificationAt: null };
}

export async function readDatabaseBytes(db: Queryable): Promise<number | null> {
  const { rows } = await db.query<{ bytes: number }>(
    'SELECT pg_database_size(current_database()) AS bytes',
  );
  return rows[0]?.bytes ?? null;
}
