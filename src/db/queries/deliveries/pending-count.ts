import type { Queryable } from '../../pool';

/** @returns how many webhooks of an integration wait to be handled; where `countedTo` is given, at most that many */
export async function countPending(
  db: Queryable,
  integrationId: string,
  countedTo: number | null = null,
): Promise<number> {
  const { rows } = await db.query<{ pending: number }>(
    'SELECT pending_up_to($1::text, $2::int) AS pending',
    [integrationId, countedTo],
  );
  return rows[0]?.pending ?? 0;
}
