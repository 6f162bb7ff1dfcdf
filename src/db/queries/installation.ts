import type { Queryable } from '../pool';

/** The id that was made with the database, once: every process of this installation has the same. */
export async function readInstallationId(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ id: string }>('SELECT id FROM installation');
  const [row] = rows;
  if (row === undefined) throw new Error('The table "installation" is empty.');
  return row.id;
}
