import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { dataDirPaths, openDataDir } from '../data-dir';

/** Paths in the folder that `npm run stack` keeps its data in. */
export interface StackDir {
  root: string;
  lock: string;
  ports: string;
  secrets: string;
  /** Settings of this stack's own, for a shell: `npx holdfast doctor` then asks this one. */
  environment: string;
  /** Names of what is to stand still, a file each. */
  stopped: string;
  /** The number of each process that runs, a file each. */
  pids: string;
  /** Names of what can be used, a file each. */
  ready: string;
  logs: string;
  proxy: string;
  proxyConfig: string;
  temporalConfig: string;
  prometheusConfig: string;
  holdfastPostgres: string;
  temporalPostgres: string;
  logOf: (name: string) => string;
  pidOf: (name: string) => string;
}

/** @param dataDir `HOLDFAST_DATA_DIR` */
export function stackPaths(dataDir: string): StackDir {
  const root = path.join(dataDirPaths(dataDir).root, 'stack');
  const at = (...names: string[]) => path.join(root, ...names);
  return {
    root,
    lock: at('stack.lock'),
    ports: at('ports.json'),
    secrets: at('secrets'),
    environment: at('environment'),
    stopped: at('stopped'),
    pids: at('pids'),
    ready: at('ready'),
    logs: at('logs'),
    proxy: at('proxy'),
    proxyConfig: at('proxy', 'nginx.conf'),
    temporalConfig: at('temporal.json'),
    prometheusConfig: at('prometheus.yml'),
    holdfastPostgres: at('holdfast-postgres'),
    temporalPostgres: at('temporal-postgres'),
    logOf: (name) => at('logs', `${name}.log`),
    pidOf: (name) => at('pids', name),
  };
}

/** @throws StartError where the folder can't be made or written to */
export function openStackDir(dataDir: string): StackDir {
  openDataDir(dataDir);
  const paths = stackPaths(dataDir);
  openDataDir(paths.root);
  const { secrets, proxy, logs, pids, ready, stopped } = paths;
  for (const folder of [secrets, proxy, logs, pids, ready, stopped]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  return paths;
}
