import path from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { runGuarded, type Guarded } from '../process/guarded';
import { logTail } from '../process/log-tail';
import { waitUntil } from '../process/wait-until';
import { StartError } from '../start-error';

/** How long the histories of ended actors can be looked at; as in docker-compose.temporal.yml. */
const retention = '72h';

export interface TemporalServer {
  binary: string;
  configFile: string;
  /** `127.0.0.1:7233` */
  address: string;
  logFile: string;
  pidFile: string;
}

/** @throws StartError with the end of its log where it doesn't answer */
export async function startTemporal(server: TemporalServer): Promise<Guarded> {
  const { configFile, logFile, pidFile } = server;
  const running = runGuarded({
    command: server.binary,
    args: ['--config-file', configFile, '--allow-no-auth', 'start'],
    logFile,
    pidFile,
    stopSignal: 'SIGTERM',
    graceMs: 30_000,
  });
  try {
    await waitUntil(() => (running.hasExited() ? undefined : ask(server.address)), {
      timeoutMs: 90_000,
    });
    if (running.hasExited()) throw new Error('it ended at once');
    return running;
  } catch (cause) {
    await running.stop();
    throw new StartError(`Temporal did not start. ${logTail(logFile)}`, { cause });
  }
}

/** Creates the namespace if it isn't there, and returns once every part of the server knows it. */
export async function createNamespace(address: string, namespace: string): Promise<void> {
  await withConnection(address, async ({ workflowService }) => {
    await workflowService
      .registerNamespace({
        namespace,
        workflowExecutionRetentionPeriod: msToTs(retention),
      })
      .catch((error: unknown) => {
        if (!String(error).includes('already')) throw error;
      });
    await waitUntil(() => workflowService.countWorkflowExecutions({ namespace }), {
      timeoutMs: 120_000,
      everyMs: 500,
    });
  });
}

/**
 * Brings Temporal's two databases to the schema of the server, by the script that Compose runs.
 * @param folder of `temporal-sql-tool`
 * @throws StartError with what it said
 */
export async function setUpSchema(
  script: string,
  {
    folder,
    port,
    passwordFile,
    logFile,
  }: { folder: string; port: number; passwordFile: string; logFile: string },
): Promise<void> {
  const running = runGuarded({
    command: 'sh',
    args: [script],
    env: {
      PATH: `${folder}${path.delimiter}${process.env['PATH'] ?? ''}`,
      SQL_PLUGIN: 'postgres12',
      SQL_HOST: '127.0.0.1',
      SQL_PORT: String(port),
      SQL_USER: 'postgres',
      SQL_PASSWORD_FILE: passwordFile,
    },
    logFile,
    stopSignal: 'SIGTERM',
    graceMs: 5_000,
  });
  if ((await running.exited) !== 0) {
    throw new StartError(`Temporal's schema could not be set up. ${logTail(logFile)}`);
  }
}

async function ask(address: string): Promise<void> {
  await withConnection(address, ({ workflowService }) => workflowService.getSystemInfo({}));
}

async function withConnection(
  address: string,
  work: (connection: Connection) => Promise<unknown>,
): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    await work(connection);
  } finally {
    await connection.close();
  }
}
