import pg from 'pg';
import type { Logger } from '../lib/log';

export type Pool = pg.Pool;
/** A pool or one of its clients: queries take either, so that a caller decides on the transaction. */
export type Queryable = Pick<pg.Pool | pg.PoolClient, 'query'>;

export interface PoolOptions {
  /** Default 10. */
  max?: number;
  /** For sessions that run a few known statements, over and over: they are planned once, and by their indexes. */
  plans?: 'fixed';
  /** How a session shows in `pg_stat_activity`. */
  applicationName?: string;
}

/** Timestamps come back as Date, bigint as number: no count here reaches 2^53. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);

/**
 * Else a statement is planned anew for each execution that looks as if it gained by it, which takes longer than a small
 * batch takes to be stored; and one planned while its table was empty would read the whole of it until it is analysed.
 */
const fixedPlans = { plan_cache_mode: 'force_generic_plan', enable_seqscan: 'off' };

/** In milliseconds. */
const timeLimits = { statement_timeout: 14_000, idle_in_transaction_session_timeout: 30_000 };

/** A pool that fails fast when the database is away, and survives lost connections. */
export function createPool(databaseUrl: string, log: Logger, options: PoolOptions = {}): Pool {
  const settings = { ...timeLimits, ...(options.plans === 'fixed' ? fixedPlans : {}) };
  const set = Object.entries(settings).map(([name, value]) => `SET ${name} = ${value}`);
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'holdfast',
    connectionTimeoutMillis: 3_000,
    query_timeout: 15_000,
    keepAlive: true,
    // Not with the connection's start, where PgBouncer refuses what it doesn't know. The pool waits for it,
    // whatever its types say.
    onConnect: (client) => client.query(set.join('; ')) as unknown as undefined,
    types,
  });
  // Without both listeners a lost connection, idle or in use, ends the process.
  pool.on('error', (error) =>
    log.debug(
      { event: 'postgres.connection_lost', err: error.message },
      'A connection to Postgres was lost',
    ),
  );
  pool.on('connect', (client) => {
    client.on('error', (error) =>
      log.debug(
        { event: 'postgres.connection_lost', err: error.message },
        'A connection to Postgres was lost',
      ),
    );
  });
  return pool;
}
