import type { Queryable } from '../pool';

/** @returns whether it is news: the first since the provider last took the application */
export async function noteAppFault(
  db: Queryable,
  provider: string,
  code: string,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO app_faults (provider, code) VALUES ($1::text, $2::text)
     ON CONFLICT (provider) DO NOTHING`,
    [provider, code],
  );
  return rowCount === 1;
}

export async function hasAppFault(db: Queryable, provider: string): Promise<boolean> {
  const { rowCount } = await db.query('SELECT FROM app_faults WHERE provider = $1::text', [
    provider,
  ]);
  return rowCount === 1;
}

/** @returns the code that it had; null where another was faster */
export async function deleteAppFault(db: Queryable, provider: string): Promise<string | null> {
  const { rows } = await db.query<{ code: string }>(
    'DELETE FROM app_faults WHERE provider = $1::text RETURNING code',
    [provider],
  );
  return rows[0]?.code ?? null;
}

export interface HastenedCredential {
  id: string;
  version: number;
}

/**
 * Lets a provider's credentials that back off for the application's fault be tried soon: ten in a second, or
 * all of them within a minute where they are many.
 */
export async function hastenRetries(
  db: Queryable,
  provider: string,
  codes: readonly string[],
): Promise<HastenedCredential[]> {
  const { rows } = await db.query<HastenedCredential>(
    `UPDATE credentials k
     SET updated_at = now(), retry_at = least(
           k.retry_at, now() + waiting.place * least(0.1, 60.0 / waiting.total) * interval '1 second')
     FROM (SELECT id, row_number() OVER (ORDER BY retry_at) AS place, count(*) OVER () AS total
             FROM credentials
            WHERE provider = $1::text AND state = 'degraded' AND retry_at > now()
              AND code = ANY ($2::text[])) waiting
     WHERE k.id = waiting.id AND k.state = 'degraded'
     RETURNING k.id, k.version`,
    [provider, codes],
  );
  return rows;
}

/** Lets one credential of every provider that has a fault be tried now: the one that worked last. */
export async function hastenOneEach(
  db: Queryable,
  codes: readonly string[],
): Promise<(HastenedCredential & { provider: string })[]> {
  const { rows } = await db.query<HastenedCredential & { provider: string }>(
    `UPDATE credentials k SET retry_at = now(), updated_at = now()
     FROM (SELECT DISTINCT ON (c.provider) c.id
             FROM app_faults f JOIN credentials c ON c.provider = f.provider
            WHERE c.state = 'degraded' AND c.retry_at > now()
              AND (c.code = f.code OR c.code = ANY ($1::text[]))
            ORDER BY c.provider, c.last_success_at DESC NULLS LAST, c.id) one
     WHERE k.id = one.id AND k.state = 'degraded'
     RETURNING k.id, k.version, k.provider`,
    [codes],
  );
  return rows;
}
