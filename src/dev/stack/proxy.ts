import { existsSync } from 'node:fs';
import path from 'node:path';
import type { StackDir } from './layout';
import type { StackPorts } from './stack-ports';

/** Where systems keep what an administrator starts, which is not on everybody's path. */
const alsoIn = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin'];

/** @param searchPath the value of `PATH` */
export function findNginx(searchPath = ''): string | undefined {
  return [...searchPath.split(path.delimiter), ...alsoIn]
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, 'nginx'))
    .find((file) => existsSync(file));
}

/**
 * The proxy's configuration of docker-compose.temporal.yml, with the addresses and the folder of this stack. Pure.
 * @param template `deploy/proxy/nginx.conf`
 * @param asRoot whether root starts it: its processes then stay root's, whose folder nobody else may pass through
 * @throws Error where the template has not what is to be replaced
 */
export function proxyConfig(
  template: string,
  ports: StackPorts,
  { proxy }: Pick<StackDir, 'proxy'>,
  asRoot: boolean,
): string {
  const changed = [
    [/server gateway:3000 /, `server 127.0.0.1:${ports.gateway} `],
    [/server gateway-2:3000 /, `server 127.0.0.1:${ports.gateway2} `],
    [/listen 3000;/, `listen 127.0.0.1:${ports.proxy};`],
    [/ \/tmp\/([a-z.-]+);/g, ` "${proxy}/$1";`],
  ] as const;
  const text = changed.reduce((before, [found, replacement]) => {
    const after = before.replace(found, replacement);
    if (after === before) throw new Error(`deploy/proxy/nginx.conf has no ${String(found)}`);
    return after;
  }, template);
  return asRoot ? `user root;\n${text}` : text;
}

/**
 * What Prometheus is to scrape, with the addresses of this stack. Pure.
 * @param template `deploy/monitoring/prometheus.yml`
 * @param rules the folder with its rules
 */
export function prometheusConfig(
  template: string,
  ports: StackPorts,
  { rules, token }: { rules: string; token: string },
): string {
  const at = (...all: number[]) => `[${all.map((port) => `'127.0.0.1:${port}'`).join(', ')}]`;
  return template
    .replace(
      /\['gateway:9464', 'gateway-2:9464'\]/,
      at(ports.gatewayMetrics, ports.gateway2Metrics),
    )
    .replace(
      / {4}#[^\n]*\n {4}dns_sd_configs:\n[^\n]+\n/,
      `    static_configs:\n      - targets: ${at(ports.worker1, ports.worker2)}\n`,
    )
    .replaceAll('/run/secrets/holdfast_metrics_token', token)
    .replace('[alerts.yml]', `[${path.join(rules, 'alerts.yml')}]`);
}
