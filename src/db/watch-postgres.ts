import type { Logger } from '../lib/log';
import { type ServerWatch, watchServer } from '../lib/watch-server';
import { createPool, type Pool } from './pool';

interface Watched {
  databaseUrl: string;
  /** A connection that one of them loses makes it look at once. */
  pools: readonly Pool[];
  log: Logger;
}

export interface PostgresWatch extends Omit<ServerWatch, 'look' | 'stop'> {
  stop(): Promise<void>;
}

/** By a connection of its own: where all others are busy Postgres isn't away. */
export function watchPostgres({ databaseUrl, pools, log }: Watched): PostgresWatch {
  const own = createPool(databaseUrl, log, { max: 1, applicationName: 'holdfast watch' });
  const watch: ServerWatch = watchServer({
    ...{ server: 'postgres', log },
    ask: () => own.query('SELECT 1'),
    unreachable: (line) =>
      log.error(
        { event: 'postgres.unreachable', ...line },
        'Postgres is unreachable: webhooks get 503',
      ),
    recovered: (line) =>
      log.info({ event: 'postgres.recovered', ...line }, 'Postgres is reachable again'),
  });
  for (const pool of pools) {
    pool.on('error', () => watch.look());
    pool.on('connect', (client) => client.on('error', () => watch.look()));
  }
  return {
    ...watch,
    stop: () => {
      watch.stop();
      return own.end();
    },
  };
}
