import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../lib/errors';
import { runGuarded } from '../process/guarded';
import { logTail } from '../process/log-tail';
import { waitUntil } from '../process/wait-until';
import { freePorts } from '../process/free-ports';
import { reachStack, type Stack } from './stack';

export interface OwnStack {
  stack: Stack;
  logFile: string;
  /** Ends it and deletes its data. */
  stop(): Promise<void>;
}

const portVariables = [
  'PORT',
  'HOLDFAST_PLAYGROUND_PORT',
  'HOLDFAST_POSTGRES_PORT',
  'HOLDFAST_TEMPORAL_PORT',
  'HOLDFAST_TEMPORAL_UI_PORT',
] as const;

/** Building a Temporal server, where there is none yet, takes minutes. */
const patienceMs = 15 * 60_000;

/**
 * Starts a stack for this story alone: other ports, other data, none of the person's settings.
 * @param parentDir where its data is kept meanwhile
 * @param say takes the lines in which it tells how far it is
 * @throws Error where it ends before it answers
 */
export async function startOwnStack(
  parentDir: string,
  say: (line: string) => void,
): Promise<OwnStack> {
  mkdirSync(parentDir, { recursive: true });
  const dataDir = mkdtempSync(path.join(path.resolve(parentDir), 'demo-'));
  const ports = await freePorts(portVariables.length);
  useOwnSettings({
    ...Object.fromEntries(portVariables.map((name, index) => [name, String(ports[index])])),
    HOLDFAST_DATA_DIR: dataDir,
    // Nor the person's profiles, which may name a server elsewhere.
    TEMPORAL_CONFIG_FILE: path.join(dataDir, 'no-profiles.toml'),
  });
  const logFile = path.join(dataDir, 'start.log');
  const child = runGuarded({
    command: process.execPath,
    args: [path.join(__dirname, '..', '..', 'cli.js'), 'start'],
    // Neither the person's .env nor their configuration file.
    options: { cwd: dataDir },
    logFile,
    stopSignal: 'SIGTERM',
    graceMs: 60_000,
    removeWhenStopped: [dataDir],
  });
  const tell = progressOf(logFile, say);
  const answers = async () => {
    tell();
    if (child.hasExited()) return undefined;
    return reachStack(`http://localhost:${ports[0] ?? 0}`, dataDir);
  };
  try {
    const stack = await waitUntil(answers, { timeoutMs: patienceMs, everyMs: 100 });
    if (stack !== undefined) return { stack, logFile, stop: () => child.stop() };
  } catch (error) {
    await child.stop();
    throw new Error(`The stack did not answer: ${messageOf(error)}`, { cause: error });
  }
  throw new Error(`The stack ended before it answered. ${logTail(logFile)}`);
}

/** Hands on what "holdfast start" says, without its log lines. */
function progressOf(logFile: string, say: (line: string) => void): () => void {
  let told = 0;
  return () => {
    const lines = readFileSync(logFile, 'utf8').split('\n').slice(0, -1);
    for (const line of lines.slice(told)) if (line.startsWith('[')) say(`  ${line}`);
    told = lines.length;
  };
}

/** The guard hands this process's environment down; on a command line, secrets would be seen by all. */
function useOwnSettings(settings: Record<string, string>): void {
  for (const name of Object.keys(process.env)) {
    if (/^(HOLDFAST_|TEMPORAL_|HOST$|PORT$|DATABASE_URL$)/.test(name)) {
      Reflect.deleteProperty(process.env, name);
    }
  }
  Object.assign(process.env, settings);
}
