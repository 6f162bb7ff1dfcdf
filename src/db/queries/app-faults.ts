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

export async function clearAppFault(db: Queryable, provider: string): Promise<void> {
  await db.query('DELETE FROM app_faults WHERE provider = $1::text', [provider]);
}
