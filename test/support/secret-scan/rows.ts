import pg from 'pg';
import { folderVariable, noteText } from '../recorder/record';

const mostRows = 20_000;

/** The inbox is the record: webhooks stand there, and what the application answered to them. */
const meantToHold = ['deliveries.body', 'delivery_attempts.answer'];

/** Keeps every row of a database as text, bytes in hexadecimal. */
export async function keepRows(connectionString: string): Promise<void> {
  if (process.env[folderVariable] === undefined) return;
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string; columns: string }>(
      `SELECT table_name AS name, string_agg(quote_ident(column_name), ', ') AS columns
       FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
       WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
         AND table_name || '.' || column_name <> ALL ($1)
       GROUP BY table_name`,
      [meantToHold],
    );
    for (const { name, columns } of tables) {
      const { rows } = await client.query<{ row: string }>(
        `SELECT to_json(t)::text AS row FROM (SELECT ${columns} FROM ${name}) t LIMIT ${mostRows}`,
      );
      for (const { row } of rows) noteText('database row', row, `table ${name}`);
    }
  } finally {
    await client.end();
  }
}
