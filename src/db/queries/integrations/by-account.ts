import type { Queryable } from '../../pool';

/**
 * The integrations that an account's events at the application's address belong to: those that name the account
 * themselves, and of the others those that have a credential for it.
 *
 * @returns their ids by account; accounts that nobody has are not in it
 */
export async function findIntegrationsOfAccounts(
  db: Queryable,
  provider: string,
  accounts: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await db.query<{ account: string; id: string }>({
    name: 'integrations-of-accounts',
    text: `
      SELECT i.webhook_account AS account, i.id FROM integrations i
      WHERE i.provider = $1::text AND i.webhook_account = ANY ($2::text[])
        AND i.deleted_at IS NULL
      UNION
      SELECT k.account_id, i.id FROM credentials k
      JOIN integration_credentials l ON l.credential_id = k.id
      JOIN integrations i ON i.id = l.integration_id
      WHERE k.provider = $1::text AND k.account_id = ANY ($2::text[])
        AND i.provider = $1::text AND i.webhook_account IS NULL AND i.deleted_at IS NULL
      ORDER BY 2`,
    values: [provider, accounts],
  });
  const found = new Map<string, string[]>();
  for (const { account, id } of rows) found.set(account, [...(found.get(account) ?? []), id]);
  return found;
}
