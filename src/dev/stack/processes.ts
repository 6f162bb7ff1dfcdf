import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { runGuarded, type Guarded } from '../process/guarded';
import { logTail } from '../process/log-tail';
import { waitUntil } from '../process/wait-until';
import { StartError } from '../start-error';
import { deployText, keepRunning, type StackContext } from './context';
import { proxyConfig } from './proxy';
import { type StackSettings, withSettings } from './settings';
import type { Service } from './supervise';

type Settings = Record<string, string>;

/** How long a process may take until it is ready, in milliseconds. */
const patienceMs = 60_000;
/** What Compose gives it to stop, in milliseconds. */
const graceMs: Record<string, number> = { worker: 60_000, gateway: 30_000 };

/** Migrates, and starts two workers, two gateways and, where there is an nginx, the proxy before them. */
export async function startProcesses(
  context: StackContext,
  settings: StackSettings,
  nginx: string | undefined,
): Promise<void> {
  const { paths, ports, progress } = context;
  await progress.during('migrating the database', async () => {
    const migration = run(context, 'migrate', 'migrate', settings.migrate);
    if ((await migration.exited) !== 0)
      throw new StartError(`The migration failed. ${logTail(paths.logOf('migrate'))}`);
  });
  await progress.during('starting two workers', () =>
    keepRunning(context, 'the workers', [
      service(context, 'worker-1', 'worker', settings.worker(0), ports.worker1),
      service(context, 'worker-2', 'worker', settings.worker(1), ports.worker2),
    ]),
  );
  await progress.during('starting two gateways', () =>
    keepRunning(context, 'the gateways', [
      service(context, 'gateway', 'gateway', settings.gateway(0), ports.gateway),
      service(context, 'gateway-2', 'gateway', settings.gateway(1), ports.gateway2),
    ]),
  );
  if (nginx !== undefined) await keepRunning(context, 'the proxy', [proxy(context, nginx)]);
}

function run(
  { env, root, paths }: StackContext,
  name: string,
  command: string,
  own: Settings,
): Guarded {
  return runGuarded({
    command: process.execPath,
    args: ['--max-semi-space-size=32', path.join(root, 'dist/src/cli.js'), command],
    env: withSettings(env, own),
    // Not where a person's .env lies.
    options: { cwd: paths.root },
    logFile: paths.logOf(name),
    pidFile: paths.pidOf(name),
    stopSignal: 'SIGTERM',
    graceMs: graceMs[command] ?? 10_000,
  });
}

function service(
  context: StackContext,
  name: string,
  command: string,
  own: Settings,
  port: number,
): Service {
  const { paths } = context;
  return {
    name,
    launch: () =>
      onceItAnswers(
        run(context, name, command, own),
        `http://127.0.0.1:${port}/readyz`,
        paths.logOf(name),
      ),
  };
}

function proxy(context: StackContext, nginx: string): Service {
  const { paths, ports } = context;
  const asRoot = process.getuid?.() === 0;
  const text = proxyConfig(deployText(context, 'proxy/nginx.conf'), ports, paths, asRoot);
  writeFileSync(paths.proxyConfig, text, { mode: 0o600 });
  return {
    name: 'proxy',
    launch: () =>
      onceItAnswers(
        runGuarded({
          command: nginx,
          args: ['-c', paths.proxyConfig, '-p', paths.proxy, '-e', 'stderr', '-g', 'daemon off;'],
          logFile: paths.logOf('proxy'),
          pidFile: paths.pidOf('proxy'),
          stopSignal: 'SIGTERM',
          graceMs: 10_000,
        }),
        `http://127.0.0.1:${ports.proxy}/healthz`,
        paths.logOf('proxy'),
      ),
  };
}

/** @throws StartError with the end of its log where it ends before, or doesn't answer */
async function onceItAnswers(running: Guarded, url: string, logFile: string): Promise<Guarded> {
  try {
    await waitUntil(
      async () => {
        if (running.hasExited()) return;
        const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
        if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
      },
      { timeoutMs: patienceMs, everyMs: 200 },
    );
    if (running.hasExited()) throw new Error('it ended at once');
    return running;
  } catch (cause) {
    await running.stop();
    throw new StartError(`It is not ready. ${logTail(logFile)}`, { cause });
  }
}
