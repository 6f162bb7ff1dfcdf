import type { Config } from '../../../src/config';
import type { ProviderDeclaration } from '../../../src/providers/provider';
import { eventually } from '../../support/eventually';
import {
  createProcesses,
  type HoldfastProcess,
  type ProcessStarter,
} from '../../support/processes/processes';
import type { LifeProvider } from './provider';
import type { Trouble } from './presentation';

/** One place for a worker process, taken by another whenever it is killed. */
export interface WorkerSlot {
  pid(): number;
  /** Stopped, not gone. */
  isStalled(): boolean;
  /** Kills it (SIGKILL) and starts another. */
  kill(): Promise<void>;
  /** Stops it (SIGSTOP). @returns what continues it */
  stall(): () => void;
  /** Waits until the process that has the place now takes work. */
  ready(): Promise<void>;
  /** What the process that has the place now has printed. */
  output(): string;
  close(): Promise<void>;
}

/** What a killed process had sent may be read this much later. */
const unreadMs = 2_000;

interface SlotOptions {
  config: Config;
  provider: LifeProvider;
  /** Where every process of this place is noted. */
  pids: Set<number>;
  troubles: Trouble[];
}

/** The handler `use` asks the provider's account address with its integration's token. */
const handlers = (url: string) => `{
  use: async (delivery, ctx) => {
    const answer = await ctx.fetch('${url}/me');
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error('/me answered ' + answer.status);
  },
}`;

/** Declares the provider as seen through one of its doors. */
export function declare(issuer: string, door: string): ProviderDeclaration {
  return {
    oauth: {
      authorizationUrl: `${issuer}/auth`,
      tokenUrl: `${door}/token`,
      clientId: 'holdfast',
      clientSecret: 'the-client-secret',
      scopes: ['openid', 'offline_access'],
      authorizationParameters: { prompt: 'consent' },
      account: { url: `${door}/me`, pointer: '/sub' },
    },
    webhook: { scheme: 'standard-webhooks' },
  };
}

export async function startWorkerSlot(options: SlotOptions): Promise<WorkerSlot> {
  const { config, provider, pids, troubles } = options;
  const starters: ProcessStarter[] = [];
  let stalled: HoldfastProcess | null = null;

  // A door for each process: what a killed one had sent may be read when its successor runs.
  const start = async (): Promise<HoldfastProcess> => {
    let pid = 0;
    const door = await provider.door(() => pid);
    const starter = createProcesses(
      config,
      { acme: declare(provider.issuer, door) },
      handlers(door),
    );
    starters.push(starter);
    const started = starter.start('worker', { LOG_LEVEL: 'debug' });
    ({ pid } = started);
    pids.add(pid);
    return started;
  };

  let current = await start();
  return {
    pid: () => current.pid,
    isStalled: () => stalled === current,
    kill: async () => {
      const killed = current;
      const now = Date.now();
      troubles.push({ kind: 'kill', pid: killed.pid, from: now, to: now + unreadMs });
      await killed.kill();
      current = await start();
    },
    stall: () => {
      const process = current;
      const trouble: Trouble = { kind: 'stop', pid: process.pid, from: Date.now(), to: Infinity };
      troubles.push(trouble);
      process.signal('SIGSTOP');
      stalled = process;
      return () => {
        process.signal('SIGCONT');
        trouble.to = Date.now();
        if (stalled === process) stalled = null;
      };
    },
    ready: () =>
      eventually(
        () => {
          if (!current.output().includes('worker.running')) throw new Error('it does not run yet');
        },
        { timeoutMs: 60_000, everyMs: 50 },
      ),
    output: () => current.output(),
    close: async () => {
      await Promise.all(starters.map((starter) => starter.close()));
    },
  };
}
