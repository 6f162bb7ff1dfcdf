import type { SealedColumn } from '../../../crypto/encrypted-columns';
import type { Queryable } from '../../pool';

export interface SealedValue {
  /** The row's primary key. */
  key: string | Buffer;
  sealed: Buffer;
}

/** What one key seals in one column; `keyId` is empty for values of an unknown form. */
export interface Sealing {
  column: SealedColumn;
  keyId: string;
}

/**
 * Which keys occur in a column. Each is found by one step in the index: it costs the same at any number of
 * values.
 */
export async function readSealings(db: Queryable, column: SealedColumn): Promise<Sealing[]> {
  const value = column.column;
  const { rows } = await db.query<{ key: Buffer }>(
    `WITH RECURSIVE found AS (
       (SELECT sealed_key(${value}) AS key FROM ${column.table}
         WHERE ${value} IS NOT NULL ORDER BY sealed_key(${value}) LIMIT 1)
       UNION ALL
       SELECT (SELECT sealed_key(${value}) FROM ${column.table}
                WHERE ${value} IS NOT NULL AND sealed_key(${value}) > found.key
                ORDER BY sealed_key(${value}) LIMIT 1)
         FROM found WHERE found.key IS NOT NULL)
     SELECT key FROM found WHERE key IS NOT NULL`,
  );
  return rows.map(({ key }) => ({ column, keyId: key.toString('utf8') }));
}

/** Counting more takes longer than a statement may. */
export const countLimit = 1_000_000;

/** How many values a key seals in a column, at most `countLimit`. */
export async function countSealed(db: Queryable, { column, keyId }: Sealing): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (
       SELECT FROM ${column.table}
       WHERE ${column.column} IS NOT NULL AND sealed_key(${column.column}) = $1::bytea
       LIMIT ${countLimit}) AS counted`,
    [Buffer.from(keyId)],
  );
  return rows[0]?.count ?? 0;
}

/** The next values in the order of their rows' keys, after the one that was read last. */
export async function readSealedValues(
  db: Queryable,
  { column, keyId }: Sealing,
  { after, limit }: { after: string | Buffer | null; limit: number },
): Promise<SealedValue[]> {
  const { table, column: value, key, keyType } = column;
  const { rows } = await db.query<SealedValue>(
    `SELECT ${key} AS key, ${value} AS sealed FROM ${table}
     WHERE ${value} IS NOT NULL AND sealed_key(${value}) = $1::bytea
       AND ${key} > $2::${keyType}
     ORDER BY sealed_key(${value}), ${key} LIMIT $3::int`,
    [Buffer.from(keyId), after ?? (keyType === 'text' ? '' : Buffer.alloc(0)), limit],
  );
  return rows;
}

export interface ResealedValue extends SealedValue {
  fresh: Buffer;
}

/**
 * Replaces values that still are as they were read. A row that somebody holds is passed over instead of
 * waited for: whoever waits while holding other rows makes their users wait too, or stands in a deadlock.
 *
 * @returns how many were replaced
 */
export async function replaceSealedValues(
  db: Queryable,
  { table, column: value, key, keyType }: SealedColumn,
  values: readonly ResealedValue[],
): Promise<number> {
  const { rowCount } = await db.query(
    `WITH held AS (
       SELECT t.${key}, v.sealed, v.fresh
         FROM ${table} t
         JOIN unnest($1::${keyType}[], $2::bytea[], $3::bytea[]) AS v (key, sealed, fresh)
           ON t.${key} = v.key AND t.${value} = v.sealed
        FOR NO KEY UPDATE OF t SKIP LOCKED)
     UPDATE ${table} t SET ${value} = held.fresh FROM held
      WHERE t.${key} = held.${key} AND t.${value} = held.sealed`,
    [values.map((one) => one.key), values.map((one) => one.sealed), values.map((one) => one.fresh)],
  );
  return rowCount ?? 0;
}
