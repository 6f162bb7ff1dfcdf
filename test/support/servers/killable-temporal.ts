import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import { freePort } from '../processes/free-port';
import { eventually } from '../eventually';
import { binaryVariable } from './own-temporal';
import { keepHistories } from '../secret-scan/histories';

/** A Temporal server with nobody around it who would end it nicely. */
export interface KillableTemporal {
  address: string;
  namespace: string;
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export async function startKillableTemporal(): Promise<KillableTemporal> {
  const binary = process.env[binaryVariable];
  if (binary === undefined) throw new Error('Temporal is not there: see runner/needs.cjs');
  const dir = mkdtempSync(path.join(tmpdir(), 'holdfast-temporal-'));
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  let server: ChildProcess | null = null;
  const launch = () => {
    const args = ['--ip', '127.0.0.1', '--port', String(port), '--headless'];
    return spawn(
      binary,
      ['server', 'start-dev', ...args, '--db-filename', path.join(dir, 'temporal.db')],
      { stdio: 'ignore' },
    );
  };
  // A test that is interrupted leaves no server behind.
  const atExit = () => server?.kill('SIGKILL');
  process.once('exit', atExit);

  const temporal: KillableTemporal = {
    address,
    namespace: 'default',
    start: async () => {
      const comesUp = () => {
        // It chooses inner ports that another process may take before it does: it ends, and chooses others.
        if (server === null || server.exitCode !== null) server = launch();
        return answers(address);
      };
      await eventually(comesUp, { timeoutMs: 30_000, everyMs: 100 });
    },
    kill: async () => {
      const killed = server;
      server = null;
      if (killed === null) return;
      const exit = once(killed, 'exit');
      killed.kill('SIGKILL');
      await exit;
    },
    close: async () => {
      process.off('exit', atExit);
      if (server !== null) await keepHistories(address, [temporal.namespace]);
      await temporal.kill();
      rmSync(dir, { recursive: true });
    },
  };
  await temporal.start();
  return temporal;
}

async function answers(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 1_000 });
  try {
    await connection.workflowService.describeNamespace({ namespace: 'default' });
  } finally {
    await connection.close();
  }
}
