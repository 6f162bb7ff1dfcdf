import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startTemporalServer, type TemporalServer } from '../../../src/dev/temporal/server';
import { freePort } from '../processes/free-port';
import { keepHistories } from '../secret-scan/histories';

export const binaryVariable = 'HOLDFAST_TEST_TEMPORAL_BINARY';

/** A stopped worker's open polls swallow tasks until they expire, usually after a minute. */
export const shortPolls = ['matching.longPollExpirationInterval="5s"'];

/** A Temporal server that a test may stop, empty and configure as it likes. */
export interface OwnTemporal {
  address: string;
  namespace: string;
  stop(): Promise<void>;
  /** On the same address: with the data of before, unless it is emptied. */
  start(): Promise<void>;
  empty(): void;
  close(): Promise<void>;
}

export async function startOwnTemporal(
  dynamicConfig: readonly string[] = [],
): Promise<OwnTemporal> {
  const binary = process.env[binaryVariable];
  if (binary === undefined) throw new Error('Temporal is not there: see runner/needs.cjs');
  const dir = mkdtempSync(path.join(tmpdir(), 'holdfast-temporal-'));
  const port = await freePort();
  const dbFile = path.join(dir, 'temporal.db');
  let server: TemporalServer | null = null;
  const own: OwnTemporal = {
    address: `127.0.0.1:${port}`,
    namespace: 'default',
    start: async () => {
      server ??= await startTemporalServer({
        ...{ binary, port, dbFile, dynamicConfig },
        logFile: path.join(dir, 'temporal.log'),
      });
    },
    stop: async () => {
      if (server !== null) await keepHistories(own.address, [own.namespace]);
      await server?.stop();
      server = null;
    },
    empty: () => {
      for (const suffix of ['', '-wal', '-shm']) rmSync(dbFile + suffix, { force: true });
    },
    close: async () => {
      await own.stop();
      rmSync(dir, { recursive: true });
    },
  };
  await own.start();
  return own;
}
