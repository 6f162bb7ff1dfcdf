import type { Queryable } from '../pool';

/** Where an operator's hold comes from; one of each may stand. `environment` is `HOLDFAST_HOLD`. */
type HoldSource = 'api' | 'environment';

/** The operator's kill switch: webhooks are kept, nothing is handled. */
export interface OperatorHold {
  reason: string;
  source: HoldSource;
  since: Date;
}

/** Sets it, or changes the reason of the one that stands; `since` stays what it was. */
export async function putOperatorHold(
  db: Queryable,
  source: HoldSource,
  reason: string,
): Promise<OperatorHold> {
  const { rows } = await db.query<OperatorHold>(
    `INSERT INTO holds (scope, by, source, reason) VALUES ('all', 'operator', $1::text, $2::text)
     ON CONFLICT (user_id, by, source) DO UPDATE SET reason = excluded.reason
     RETURNING reason, source, since`,
    [source, reason],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('The hold was not stored.');
  return row;
}

/** The same for `HOLDFAST_HOLD`, at every start. @returns whether that changed anything */
export async function putEnvironmentHold(db: Queryable, reason: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO holds AS h (scope, by, source, reason) VALUES ('all', 'operator', 'environment', $1::text)
     ON CONFLICT (user_id, by, source) DO UPDATE SET reason = excluded.reason
       WHERE h.reason IS DISTINCT FROM excluded.reason`,
    [reason],
  );
  return rowCount === 1;
}

/** @returns whether there was one */
export async function removeOperatorHold(db: Queryable, source: HoldSource): Promise<boolean> {
  const { rowCount } = await db.query(
    `DELETE FROM holds WHERE user_id = '' AND by = 'operator' AND source = $1::text`,
    [source],
  );
  return rowCount === 1;
}

/** The one that is shown, where there are two. */
export async function readOperatorHold(db: Queryable): Promise<OperatorHold | undefined> {
  const { rows } = await db.query<OperatorHold>(
    `SELECT reason, source, since FROM holds WHERE user_id = '' ORDER BY ${holdOrderSql} LIMIT 1`,
  );
  return rows[0];
}

/** Which hold is shown where several stand: what only an operator can lift comes before a person's own. */
export const holdOrderSql = `by = 'operator' DESC, user_id = '' DESC, source = 'api' DESC`;

/** What keeps a person's webhooks from being handled. */
export interface UserHold {
  by: 'user' | 'operator';
  /** Null where the person gave none. */
  reason: string | null;
  since: Date;
}

/** Sets a person's own hold, or replaces the reason of the one that stands; `since` stays what it was. */
export async function putUserHold(
  db: Queryable,
  userId: string,
  reason: string | null,
): Promise<void> {
  await db.query(
    `INSERT INTO holds (scope, user_id, by, reason) VALUES ('user', $1::text, 'user', $2::text)
     ON CONFLICT (user_id, by, source) DO UPDATE SET reason = excluded.reason`,
    [userId, reason],
  );
}

/** Lifts a person's own hold, never an operator's. @returns whether there was one */
export async function removeUserHold(db: Queryable, userId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `DELETE FROM holds WHERE user_id = $1::text AND by = 'user'`,
    [userId],
  );
  return rowCount === 1;
}

/** The hold that a person is under, the operator's if both stand. */
export async function readHoldOver(db: Queryable, userId: string): Promise<UserHold | undefined> {
  const { rows } = await db.query<UserHold>(
    `SELECT by, reason, since FROM holds WHERE user_id IN ('', $1::text)
     ORDER BY ${holdOrderSql} LIMIT 1`,
    [userId],
  );
  return rows[0];
}

/** All that stand over a person, the one that is shown first. */
export async function listHoldsOver(db: Queryable, userId: string): Promise<UserHold[]> {
  const { rows } = await db.query<UserHold>(
    `SELECT by, reason, since FROM holds WHERE user_id IN ('', $1::text) ORDER BY ${holdOrderSql}`,
    [userId],
  );
  return rows;
}

/** Some of a person's integrations that would be handling what is kept, if nothing held them. */
export async function listHeldBack(
  db: Queryable,
  userId: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT i.id FROM integrations i
     WHERE i.user_id = $1::text AND i.status = 'ENABLED' AND i.deleted_at IS NULL
       AND EXISTS (SELECT FROM deliveries d WHERE d.integration_id = i.id AND d.state = 'pending')
     ORDER BY i.id LIMIT $2::int`,
    [userId, limit],
  );
  return rows.map(({ id }) => id);
}
