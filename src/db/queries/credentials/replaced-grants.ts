import type { PoolClient } from 'pg';
import type { Queryable } from '../../pool';

export interface Consent {
  credentialId: string;
  userId: string;
  provider: string;
  accountId: string | undefined;
  /** Keyed hashes of the refresh tokens that its grant has and had. */
  hashes: readonly Buffer[];
  /** How many grants of one account live side by side; undefined: any number, or nobody gave consent. */
  grantsPerAccount: number | undefined;
}

export interface ReplacedGrant {
  id: string;
  version: number;
}

/**
 * Which of an account's credentials a further consent has ended: all but the newest, of those that live; with one grant
 * for an account also the dead ones, which the new tokens bring back.
 */
const endedSql = `
  SELECT id FROM (
    SELECT k.id, credential_is_usable(k.state) AS usable, row_number() OVER (
             PARTITION BY credential_is_usable(k.state)
             ORDER BY coalesce(k.consented_at, k.obtained_at, k.created_at) DESC, k.id) AS place
    FROM credentials k
    WHERE k.provider = $2::text AND k.account_id = $3::text AND k.id <> $1::text
      AND k.version > 0 AND NOT k.external
  ) others
  WHERE CASE WHEN usable THEN place >= $4::int ELSE $4::int = 1 END`;

/**
 * Locks the credential that new tokens are for, and those of the same user that they replace too: of the same grant, or
 * of a grant that the consent has ended, if an OAuth answer named their account.
 */
export async function lockReplaced(client: PoolClient, consent: Consent): Promise<ReplacedGrant[]> {
  const { rows } = await client.query<ReplacedGrant>(
    `SELECT k.id, k.version FROM credentials k
     WHERE k.id = $1::text OR k.user_id = $5::text AND k.provider = $2::text AND NOT k.external
       -- Tokens must not go where other parameters lead.
       AND coalesce(k.parameters::jsonb, '{}') = (
         SELECT coalesce(o.parameters::jsonb, '{}') FROM credentials o WHERE o.id = $1::text)
       AND (k.refresh_token_hash = ANY ($6::bytea[]) OR k.account_proven AND k.id IN (${endedSql}))
     ORDER BY k.id FOR UPDATE OF k`,
    [...valuesOf(consent), consent.userId, consent.hashes],
  );
  return rows;
}

const valuesOf = ({ credentialId, provider, accountId, grantsPerAccount }: Consent) => [
  credentialId,
  provider,
  accountId ?? null,
  grantsPerAccount ?? null,
];

/**
 * The others of the account whose grants the consent may have ended are asked about soon: they never get its tokens.
 *
 * @param hasProbe whether the provider can be asked with an access token; else a refresh shows it
 */
export async function askSoonAboutReplaced(
  db: Queryable,
  consent: Consent,
  hasProbe: boolean,
): Promise<{ id: string; version: number }[]> {
  const { rows } = await db.query<{ id: string; version: number }>(
    `UPDATE credentials SET updated_at = now(),
       probe_at = CASE WHEN $5::boolean THEN now() ELSE probe_at END,
       refresh_at = CASE WHEN NOT $5::boolean AND refresh_token IS NOT NULL THEN now()
                         ELSE refresh_at END
     WHERE credential_is_usable(state) AND id IN (${endedSql})
     RETURNING id, version`,
    [...valuesOf(consent), hasProbe],
  );
  return rows;
}
