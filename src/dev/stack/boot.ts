import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deployText, type StackContext, type StackOptions } from './context';
import { earlierStackGone } from './earlier-stack';
import { startProcesses } from './processes';
import { findNginx, prometheusConfig } from './proxy';
import { stackSecrets } from './secrets';
import { findServer, type ServerBinaries } from './server-build';
import { startServers } from './servers';
import { shellText, stackSettings, type StackSettings, writeDatabaseUrls } from './settings';
import { stackPorts } from './stack-ports';

/**
 * Starts all of it, in the order in which each needs the one before.
 * @param port where the proxy is to listen
 * @param temporal a folder with another release of Temporal's server
 * @returns where everything is, a line each
 * @throws Error where a part doesn't come up; what has started stays, to be released
 */
export async function bootStack(
  options: StackOptions,
  { port, temporal }: { port: number | undefined; temporal: string | undefined },
): Promise<string[]> {
  const { env, root, paths, progress, releases } = options;
  const binaries: ServerBinaries =
    temporal === undefined
      ? await findServer(progress, { started: (build) => releases.add('', () => build.stop()) })
      : { version: `of ${temporal}`, folder: path.resolve(temporal) };
  await earlierStackGone(options);
  // Of a stack that was killed.
  for (const folder of [paths.stopped, paths.pids, paths.ready]) {
    for (const name of readdirSync(folder)) rmSync(path.join(folder, name));
  }
  const ports = await stackPorts(paths.ports, port);
  const secrets = stackSecrets(paths);
  writeDatabaseUrls(secrets, ports.holdfastPostgres);
  const context: StackContext = { ...options, ports, secrets };
  const nginx = findNginx(env['PATH']);
  const front = nginx === undefined ? ports.gateway : ports.proxy;
  const publicUrl = env['HOLDFAST_PUBLIC_URL'] || `http://localhost:${front}`;
  const settings = stackSettings({ paths, ports, secrets, publicUrl, env, root });

  await startServers(context, binaries);
  await startProcesses(context, settings, nginx);
  writeForOperators(context, settings);
  return summary(context, nginx);
}

/** A shell's settings, and what a Prometheus is to scrape. */
function writeForOperators(context: StackContext, settings: StackSettings): void {
  const { paths, ports, root, secrets } = context;
  const privately = { mode: 0o600 };
  writeFileSync(
    paths.environment,
    shellText({ ...settings.migrate, ...settings.gateway(0) }),
    privately,
  );
  const scraped = prometheusConfig(deployText(context, 'monitoring/prometheus.yml'), ports, {
    rules: path.join(root, 'deploy/monitoring'),
    token: secrets.fileOf('holdfast_metrics_token'),
  });
  writeFileSync(paths.prometheusConfig, scraped, privately);
}

function summary({ paths, ports }: StackContext, nginx: string | undefined): string[] {
  const at = (...all: number[]) => all.map((port) => `http://127.0.0.1:${port}`).join(' and ');
  const gateways = at(ports.gateway, ports.gateway2);
  const rows = [
    [
      'Holdfast',
      nginx === undefined
        ? `no nginx on the path: the gateways themselves, at ${gateways}`
        : `http://localhost:${ports.proxy} (${nginx}), which leads to ${gateways}`,
    ],
    ['API key', `in ${path.join(paths.secrets, 'holdfast_api_keys')}`],
    ['Workers', `health and metrics at ${at(ports.worker1, ports.worker2)}`],
    ['Metrics', `of the gateways at ${at(ports.gatewayMetrics, ports.gateway2Metrics)}`],
    ['Prometheus', `its configuration: ${paths.prometheusConfig}`],
    ['Temporal', `127.0.0.1:${ports.temporal}`],
    [
      'Postgres',
      `127.0.0.1:${ports.holdfastPostgres}, Temporal's 127.0.0.1:${ports.temporalPostgres}`,
    ],
    ['Data', `${paths.root}; logs in logs/, numbers of processes in pids/`],
    ['In a shell', `set -a; . ${paths.environment}; set +a; npx holdfast doctor`],
  ];
  return rows.map(([name = '', value = '']) => `  ${name.padEnd(12)} ${value}`);
}
