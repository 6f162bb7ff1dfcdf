import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Config } from '../../../src/config';
import type { ProviderDeclaration } from '../../../src/providers/provider';

const cli = path.resolve(__dirname, '../../../dist/src/cli.js');

/** A gateway or a worker in a process of its own, which a test may kill or stop. */
export interface HoldfastProcess {
  readonly pid: number;
  /** Everything that it has printed. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** Kills it (SIGKILL) and waits for its end. */
  kill(): Promise<void>;
  /** Ends it as an operator would (SIGTERM). @returns its exit code */
  stop(): Promise<number | null>;
}

/** Starts processes that share a test's configuration; ends what is left. */
export interface ProcessStarter {
  start(command: 'gateway' | 'worker', env?: Record<string, string>): HoldfastProcess;
  close(): Promise<void>;
}

/**
 * @param handlers the source of an object of handlers
 * @param command the file of the built command; default: that of these sources
 */
export function createProcesses(
  config: Config,
  providers: Record<string, ProviderDeclaration>,
  handlers = '{}',
  command = cli,
): ProcessStarter {
  const dir = mkdtempSync(path.join(tmpdir(), 'holdfast-processes-'));
  const configFile = path.join(dir, 'holdfast.config.mjs');
  const providersText = JSON.stringify(providers);
  writeFileSync(
    configFile,
    `export default { providers: ${providersText}, handlers: ${handlers} };\n`,
  );
  const running = new Set<HoldfastProcess>();

  const settings = {
    PATH: process.env['PATH'] ?? '',
    HOME: dir,
    HOST: '127.0.0.1',
    ...(config.port === 0 ? {} : { PORT: String(config.port) }),
    HOLDFAST_PUBLIC_URL: config.publicUrl,
    HOLDFAST_INSECURE_PUBLIC_URL: 'allow',
    DATABASE_URL: config.databaseUrl ?? '',
    TEMPORAL_ADDRESS: config.temporalAddress ?? '',
    TEMPORAL_NAMESPACE: config.temporalNamespace ?? '',
    HOLDFAST_API_KEYS: config.apiKeys.join(','),
    HOLDFAST_KEYS: config.keys.map(({ id, key }) => `${id}:${key.toString('base64')}`).join(','),
    HOLDFAST_CONFIG: configFile,
    HOLDFAST_SWEEP_SECONDS: String(config.sweepSeconds),
    HOLDFAST_PRIVATE_DESTINATIONS: 'allow',
    // Several run side by side.
    HOLDFAST_WORKER_PORT: '0',
  };

  return {
    start: (name, env = {}) => {
      const child = spawn(process.execPath, [command, name], {
        cwd: dir,
        env: { ...settings, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const holdfast = wrap(child, () => running.delete(holdfast));
      running.add(holdfast);
      return holdfast;
    },
    close: async () => {
      await Promise.all([...running].map((one) => one.kill()));
      rmSync(dir, { recursive: true });
    },
  };
}

function wrap(child: ChildProcess, ended: () => void): HoldfastProcess {
  const chunks: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  const exit = once(child, 'exit').then(([code]) => {
    ended();
    return code as number | null;
  });
  if (child.pid === undefined) throw new Error('the process did not start');
  return {
    pid: child.pid,
    output: () => chunks.join(''),
    signal: (signal) => void child.kill(signal),
    kill: async () => {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await exit;
    },
    stop: () => {
      child.kill('SIGTERM');
      return exit;
    },
  };
}
