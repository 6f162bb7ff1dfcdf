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

/** A delivery that may have been stored with its signature. */
export interface EarlierDelivery {
  id: string;
  integrationId: string;
  provider: string;
  /** As `keptHeaders` wrote them once; null where it is of another provider. */
  headers: string | null;
  receivedAt: Date;
}

/** @returns the id of the last delivery that was looked at; null once all were */
export async function readSignaturesKnownTo(db: Queryable): Promise<string | null> {
  const { rows } = await db.query<{ to: string | null }>(
    'SELECT signatures_known_to AS to FROM installation',
  );
  return rows[0]?.to ?? null;
}

/**
 * Notes how far it is.
 * @param end whether there was none after it: it is over then, unless older processes may still store some
 * @returns whether it is over
 */
export async function noteSignaturesKnown(
  db: Queryable,
  { to, end }: { to: string; end: boolean },
): Promise<boolean> {
  const { rows } = await db.query<{ over: boolean }>(
    `UPDATE installation SET signatures_known_to =
       CASE WHEN $2::boolean AND older_until < now() - ${settled} THEN NULL ELSE $1::text END
     RETURNING signatures_known_to IS NULL AS over`,
    [to, end],
  );
  return rows[0]?.over ?? true;
}

/** What is stored at the same time is not committed in the order of its ids. */
const settled = "interval '1 minute'";

/** Deliveries after that one, in the order of their ids, which grow with time. */
export async function readEarlierDeliveries(
  db: Queryable,
  { after, providers, limit }: { after: string; providers: readonly string[]; limit: number },
): Promise<EarlierDelivery[]> {
  const { rows } = await db.query<EarlierDelivery>(
    `WITH page AS MATERIALIZED (
       SELECT id FROM deliveries WHERE id > $1::text AND received_at < now() - ${settled}
       ORDER BY id LIMIT $3::int
     )
     SELECT d.id, d.integration_id AS "integrationId", i.provider, d.received_at AS "receivedAt",
            CASE WHEN i.provider = ANY ($2::text[]) THEN d.headers END AS headers
     FROM page JOIN deliveries d USING (id) JOIN integrations i ON i.id = d.integration_id
     ORDER BY d.id`,
    [after, providers, limit],
  );
  return rows;
}

/** Remembers whom signatures came for at some time: what came later gives way. */
export async function rememberEarlierSignatures(
  db: Queryable,
  uses: readonly (SignatureUse & { at: Date })[],
): Promise<void> {
  await db.query(
    `INSERT INTO webhook_signatures AS known (provider, hash, account_hash, first_at)
     SELECT DISTINCT ON (provider, hash) *
     FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::timestamptz[])
       AS given (provider, hash, account_hash, first_at)
     ORDER BY provider, hash, first_at
     ON CONFLICT (provider, hash) DO UPDATE
     SET account_hash = excluded.account_hash, first_at = excluded.first_at
     WHERE excluded.first_at < known.first_at`,
    [
      uses.map(({ provider }) => provider),
      uses.map(({ hash }) => hash),
      uses.map(({ accountHash }) => accountHash),
      uses.map(({ at }) => at),
    ],
  );
}
