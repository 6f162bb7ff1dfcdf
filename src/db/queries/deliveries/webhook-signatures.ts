import type { Queryable } from '../../pool';

export interface SignatureUse {
  provider: string;
  /** Keyed hash of a signature that was verified: 32 bytes. */
  hash: Buffer;
  /** Whom it came for. */
  account: string;
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
      INSERT INTO webhook_signatures AS known (provider, hash, account)
      SELECT * FROM unnest($1::text[], $2::bytea[], $3::text[]) AS given (provider, hash, account)
      ORDER BY provider, hash
      ON CONFLICT (provider, hash) DO UPDATE SET account = known.account
      RETURNING provider, hash, account`,
    values: [
      uses.map(({ provider }) => provider),
      uses.map(({ hash }) => hash),
      uses.map(({ account }) => account),
    ],
  });
  return rows;
}
