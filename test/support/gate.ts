import type { Pool } from '../../src/db/pool';
import { eventually } from './eventually';

interface Gate {
  pool: Pool;
  /** The trigger's moment and table: `BEFORE UPDATE ON drain_leases FOR EACH ROW WHEN (…)`. */
  where: string;
  /** `CONSTRAINT TRIGGER` for one that is deferred until the commit. */
  kind?: 'TRIGGER' | 'CONSTRAINT TRIGGER';
}

/** An advisory lock that nothing else takes. */
const key = 7_331;

/**
 * Makes whoever comes by a place in the database's work wait there for as long as `work` takes.
 *
 * @param work is given `reached`, which waits until somebody stands before the gate
 */
export async function whileShut(
  { pool, where, kind = 'TRIGGER' }: Gate,
  work: (reached: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const keeper = await pool.connect();
  try {
    await keeper.query('SELECT pg_advisory_lock($1)', [key]);
    await keeper.query(
      `CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN PERFORM pg_advisory_xact_lock_shared(${key}); RETURN NEW; END $$`,
    );
    await keeper.query(`CREATE ${kind} gate ${where} EXECUTE FUNCTION wait_at_gate()`);
    await work(() => eventually(() => somebodyWaits(pool)));
  } finally {
    await keeper.query('SELECT pg_advisory_unlock($1)', [key]);
    await keeper.query('DROP FUNCTION wait_at_gate CASCADE');
    keeper.release();
  }
}

async function somebodyWaits(pool: Pool): Promise<void> {
  const { rowCount } = await pool.query(
    `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = $1
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [key],
  );
  if (rowCount === 0) throw new Error('nobody came to the gate');
}
