import type { Queryable } from '../pool';
import { holdOrderSql } from './hold-order';

/** Where an operator's hold comes from; one of each may stand. `environment` is `HOLDFAST_HOLD`. */
export type HoldSource = 'api' | 'environment';

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
