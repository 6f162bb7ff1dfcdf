import type { Queryable } from '../../pool';

interface AccountProof {
  id: string;
  accountId: string;
  /** What the provider said: it is their account, or another one. */
  isProven: boolean;
}

/** Notes whose tokens the provider says that a credential has; what was proven once stays. */
export async function noteAccountProof(
  db: Queryable,
  { id, accountId, isProven }: AccountProof,
): Promise<void> {
  await db.query(
    `UPDATE credentials
     SET account_id = CASE WHEN $3::boolean THEN coalesce(account_id, $2::text) ELSE account_id END,
         account_proven = account_proven OR $3::boolean,
         account_from_before = account_from_before AND $3::boolean
     WHERE id = $1::text AND coalesce(account_id, $2::text) = $2::text`,
    [id, accountId, isProven],
  );
}
