import type { Queryable } from '../pool';

/**
 * Counting stops here: of more there are at least so many. With a million deliveries each statement still ends within a
 * second or two.
 */
export const snapshotCountsAtMost = 100_000;

/** Times are seconds since 1970, by the clock of Postgres. */
const epoch = (time: string) => `extract(epoch FROM ${time})::float8`;

export interface IntegrationGroup {
  provider: string;
  status: string;
  /** Empty where it is ENABLED. */
  code: string;
  count: number;
  /** Of those in ERROR that were connected once. */
  oldestError: number | null;
}

export async function groupIntegrations(db: Queryable): Promise<IntegrationGroup[]> {
  const { rows } = await db.query<IntegrationGroup>(
    `SELECT provider, status, coalesce(reason_code, '') AS code, count(*)::int AS count,
            ${epoch(`min(coalesce(reason_since, status_since))
              FILTER (WHERE status = 'ERROR' AND reason_code <> 'not_connected')`)} AS "oldestError"
     FROM integrations WHERE deleted_at IS NULL GROUP BY 1, 2, 3`,
  );
  return rows;
}

export interface CredentialGroup {
  provider: string;
  state: string;
  count: number;
}

export async function groupCredentials(db: Queryable): Promise<CredentialGroup[]> {
  const { rows } = await db.query<CredentialGroup>(
    'SELECT provider, state, count(*)::int AS count FROM credentials GROUP BY 1, 2',
  );
  return rows;
}

export interface Group {
  /** A word: the value of a label. */
  of: string;
  count: number;
}

const grouped =
  (text: string, values: unknown[] = []) =>
  async (db: Queryable): Promise<Group[]> =>
    (await db.query<Group>(text, values)).rows;

/** Deliveries that are not tried again, by provider; the newest where they are more than are counted. */
export const groupDeadLetters = grouped(
  `SELECT i.provider AS of, count(*)::int AS count
   FROM (SELECT integration_id FROM deliveries WHERE state = 'failed'
         ORDER BY received_at DESC, id DESC LIMIT $1::int) d
   JOIN integrations i ON i.id = d.integration_id AND i.deleted_at IS NULL GROUP BY 1`,
  [snapshotCountsAtMost],
);

/** By who holds: `operator`, or `user` for a person's pause. */
export const groupHolds = grouped('SELECT by AS of, count(*)::int AS count FROM holds GROUP BY 1');

/** Incidents that go on, by their kind: of integrations, and of origins where deliveries fail. */
export const groupIncidents = grouped(
  `SELECT kind AS of, count(*)::int AS count FROM integration_episodes GROUP BY 1
   UNION ALL SELECT 'failing_origin', count(*)::int FROM failing_origins`,
);

/** Providers that reject the application itself. */
export const groupApplicationFaults = grouped(
  'SELECT provider AS of, 1 AS count FROM app_faults WHERE taken_at IS NULL',
);

/** Actors that can't go on, by the type of their workflow. */
export const groupStuckActors = grouped(
  'SELECT workflow AS of, count(*)::int AS count FROM stuck_actors GROUP BY 1',
);

/** Notifications that are not delivered yet. */
export async function readWaitingNotifications(
  db: Queryable,
): Promise<{ count: number; oldest: number | null } | undefined> {
  const { rows } = await db.query<{ count: number; oldest: number | null }>(
    `SELECT count(*)::int AS count, ${epoch('min(created_at)')} AS oldest
     FROM (SELECT created_at FROM notices WHERE ended_at IS NULL
           ORDER BY sequence LIMIT $1::int) n`,
    [snapshotCountsAtMost],
  );
  return rows[0];
}

/** When a sweep last came to its end; null until one has. */
export async function readLastSweep(db: Queryable): Promise<number | null> {
  const { rows } = await db.query<{ at: number | null }>(
    `SELECT ${epoch('last_at')} AS at FROM sweep_state`,
  );
  return rows[0]?.at ?? null;
}
