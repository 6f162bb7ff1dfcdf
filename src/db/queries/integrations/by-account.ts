import type { Queryable } from '../../pool';

/** An integration that says that an account's events are its own. */
export interface AccountClaim {
  account: string;
  integrationId: string;
  userId: string;
  /** The provider said that one of the integration's own credentials is of the account. */
  isProven: boolean;
  /** It said so of one of the same user's. */
  isUsersOwn: boolean;
  /** It said so of anybody's. */
  isSomebodys: boolean;
  /** The account was named before it was noted by whom: it may have been the provider. */
  isFromBefore: boolean;
}

/**
 * Those that name an account themselves, and of the others those that have a credential for it.
 *
 * @param which SQL: a condition on a claim's `account` and `provider`
 * @param whose SQL: the same of credentials, by `account_id` and `provider`
 */
const claimsSql = (which: string, whose: string) => `
  WITH claims AS MATERIALIZED (
    SELECT * FROM (
      SELECT i.provider, i.webhook_account AS account, i.id, i.user_id FROM integrations i
      WHERE i.webhook_account IS NOT NULL AND i.deleted_at IS NULL
      UNION
      SELECT i.provider, k.account_id, i.id, i.user_id FROM credentials k
      JOIN integration_credentials l ON l.credential_id = k.id
      JOIN integrations i ON i.id = l.integration_id AND i.provider = k.provider
      WHERE k.account_id IS NOT NULL AND i.webhook_account IS NULL AND i.deleted_at IS NULL
    ) named WHERE ${which}
  ), proofs AS MATERIALIZED (
    SELECT DISTINCT provider, account_id AS account, user_id FROM credentials
    WHERE account_proven AND ${whose}
  )
  SELECT c.provider, c.account, c.id AS "integrationId", c.user_id AS "userId",
         coalesce(o.proven, false) AS "isProven", coalesce(o.before, false) AS "isFromBefore",
         (c.provider, c.account, c.user_id) IN (SELECT provider, account, user_id FROM proofs)
           AS "isUsersOwn",
         (c.provider, c.account) IN (SELECT provider, account FROM proofs) AS "isSomebodys"
  FROM claims c CROSS JOIN LATERAL (
    SELECT bool_or(k.account_proven) AS proven, bool_or(k.account_from_before) AS before
    FROM integration_credentials l JOIN credentials k ON k.id = l.credential_id
    WHERE l.integration_id = c.id AND k.provider = c.provider AND k.account_id = c.account
  ) o`;

/** Who claims accounts' events at the application's address, in a steady order. */
export async function findAccountClaims(
  db: Queryable,
  provider: string,
  accounts: readonly string[],
): Promise<AccountClaim[]> {
  const { rows } = await db.query<AccountClaim>({
    name: 'account-claims',
    text: `${claimsSql(
      'provider = $1::text AND account = ANY ($2::text[])',
      'provider = $1::text AND account_id = ANY ($2::text[])',
    )} ORDER BY c.id`,
    values: [provider, accounts],
  });
  return rows;
}

/** All claims on accounts that nobody has proven to be the claimant's; at most so many. */
export async function listUnprovenClaims(
  db: Queryable,
  limit: number,
): Promise<(AccountClaim & { provider: string })[]> {
  const { rows } = await db.query<AccountClaim & { provider: string }>(
    `SELECT * FROM (${claimsSql('true', 'account_id IS NOT NULL')}) claim
     WHERE NOT "isProven" ORDER BY "isUsersOwn", "isSomebodys" DESC, "integrationId" LIMIT $1::int`,
    [limit],
  );
  return rows;
}
