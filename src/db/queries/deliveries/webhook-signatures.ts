import type { Queryable } from '../../pool';

export interface SignatureUse {
  provider: string;
  /** Keyed hash of a signature that was verified: 32 bytes. */
  hash: Buffer;
  /** Keyed hash of whom it came for: 32 bytes. */
  accountHash: Buffer;
}

/**
 * Remembers whom signatures came for, each its first account only. Rows are written in the order of their keys: two
 * orders would deadlock.
 *
 * @param uses no two of one signature: a statement can't come upon a row that it has written
 * @returns in any order, each with the account that it first came for
 */
export async function rememberSignatures(
  db: Queryable,
  uses: readonly SignatureUse[],
): Promise<SignatureUse[]> {
  const { rows } = await db.query<SignatureUse>({
    name: 'remember-signatures',
    text: `
      INSERT INTO webhook_signatures AS known (provider, hash, account_hash)
      SELECT * FROM unnest($1::text[], $2::bytea[], $3::bytea[]) AS given (provider, hash, account_hash)
      ORDER BY provider, hash
      ON CONFLICT (provider, hash) DO UPDATE SET account_hash = known.account_hash
      RETURNING provider, hash, account_hash AS "accountHash"`,
    values: [
      uses.map(({ provider }) => provider),
      uses.map(({ hash }) => hash),
      uses.map(({ accountHash }) => accountHash),
    ],
  });
  return rows;
}
