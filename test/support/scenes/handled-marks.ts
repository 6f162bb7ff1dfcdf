import type { Pool } from '../../../src/db/pool';

/** What Postgres has seen of deliveries being marked as handled. */
export interface HandledMarks {
  /** How often each delivery was, by its id. */
  read(): Promise<Map<string, number>>;
}

/** Counts every write of the state "handled" from now on, whoever writes it. */
export async function countHandledMarks(pool: Pool): Promise<HandledMarks> {
  await pool.query(`
    CREATE TABLE handled_marks (delivery_id text NOT NULL);
    CREATE FUNCTION note_handled_mark() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
      BEGIN INSERT INTO handled_marks VALUES (NEW.id); RETURN NULL; END $$;
    CREATE TRIGGER handled_marks AFTER INSERT OR UPDATE OF state ON deliveries
      FOR EACH ROW WHEN (NEW.state = 'handled') EXECUTE FUNCTION note_handled_mark()`);
  return {
    read: async () => {
      const { rows } = await pool.query<{ id: string; times: number }>(
        'SELECT delivery_id AS id, count(*)::int AS times FROM handled_marks GROUP BY delivery_id',
      );
      return new Map(rows.map(({ id, times }) => [id, times]));
    },
  };
}
