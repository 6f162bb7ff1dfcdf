import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Queryable } from './pool';

/** The names of the migrations that this database hasn't seen. */
export async function pendingMigrations(db: Queryable): Promise<string[]> {
  const known = readdirSync(path.join(__dirname, 'migrations'))
    .filter((name) => name.endsWith('.sql'))
    .map((name) => path.parse(name).name);
  const table = await db.query("SELECT FROM pg_tables WHERE tablename = 'migrations'");
  if (table.rowCount === 0) return known;
  const { rows } = await db.query<{ name: string }>('SELECT name FROM migrations');
  const done = new Set(rows.map(({ name }) => name));
  return known.filter((name) => !done.has(name));
}
