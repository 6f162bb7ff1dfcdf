import type { Queryable } from '../pool';

/** The id that was made with the database, once: every process of this installation has the same. */
export type InstallationId = () => Promise<string>;

/** Read when it is first asked for, since processes start while Postgres is away, and remembered from then on. */
export function createInstallationId(db: Queryable): InstallationId {
  let known: Promise<string> | undefined;
  return () => {
    known ??= read(db).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

async function read(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ id: string }>('SELECT id FROM installation');
  const [row] = rows;
  if (row === undefined) throw new Error('The table "installation" is empty.');
  return row.id;
}
