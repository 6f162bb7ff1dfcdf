import pg from 'pg';
import { runGuarded, type Guarded } from '../process/guarded';
import { logTail } from '../process/log-tail';
import type { Account } from './account';
import type { PostgresBinaries } from './binaries';
import { StartError } from '../start-error';
import { waitUntil } from '../process/wait-until';

export interface PostgresOptions {
  binaries: PostgresBinaries;
  account: Account;
  dataDir: string;
  port: number;
  password: string;
  logFile: string;
  pidFile?: string;
  /** Further settings: `fsync=off`. */
  settings?: readonly string[];
  removeWhenStopped?: readonly string[];
}

export interface Postgres extends Guarded {
  /** Of the database `postgres`. */
  readonly url: string;
}

/**
 * Starts a Postgres on loopback, without a Unix socket (whose path may be too long).
 * @throws Error with the end of its log where it doesn't come up
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    `port=${options.port}`,
    'max_connections=200',
    ...(options.settings ?? []),
  ];
  const {
    command,
    args,
    options: owner,
  } = options.account.launch(options.binaries.postgres, [
    ...['-D', options.dataDir],
    ...settings.flatMap((setting) => ['-c', setting]),
  ]);
  const guarded = runGuarded({
    command,
    args,
    options: { ...owner, cwd: options.dataDir },
    logFile: options.logFile,
    ...(options.pidFile === undefined ? {} : { pidFile: options.pidFile }),
    stopSignal: 'SIGINT',
    graceMs: 15_000,
    removeWhenStopped: options.removeWhenStopped ?? [],
  });
  const url = `postgres://postgres:${options.password}@127.0.0.1:${options.port}/postgres`;
  try {
    await waitUntil(() => (guarded.hasExited() ? undefined : ping(url)), { timeoutMs: 60_000 });
    if (guarded.hasExited()) throw new Error('it ended at once');
  } catch (cause) {
    await guarded.stop();
    throw new StartError(`Postgres did not start. ${logTail(options.logFile)}`, { cause });
  }
  return { ...guarded, url };
}

/** @throws the error of a connection that can't be made within `timeoutMs` */
export async function ping(url: string, timeoutMs = 2_000): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: timeoutMs });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } finally {
    await client.end();
  }
}
