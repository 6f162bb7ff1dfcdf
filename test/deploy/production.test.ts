import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { parseConfig } from '../../src/config';
import { knownVariables } from '../../src/config/unknown-variables';
import { type ComposeFile, interpolate, readComposeFile, root, servicesOf } from './compose-file';

const file = readComposeFile() as ComposeFile;
const service = (name: string) => {
  const found = file.services[name];
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
};
const gateways = ['gateway', 'gateway-2'];
const addressOn = (network: string, name: string, env: NodeJS.Dict<string> = {}) => {
  const { networks = [] } = service(name);
  const address = Array.isArray(networks) ? undefined : networks[network]?.ipv4_address;
  return interpolate(address ?? '', env);
};
const nginx = readFileSync(path.join(root, 'deploy/proxy/nginx.conf'), 'utf8');
const prometheus = parse(
  readFileSync(path.join(root, 'deploy/monitoring/prometheus.yml'), 'utf8'),
) as {
  rule_files: string[];
  scrape_configs: {
    authorization: { credentials_file: string };
    static_configs?: { targets: string[] }[];
    dns_sd_configs?: { names: string[]; port: number }[];
  }[];
};
/** Which parts of a service's environment are of no interest here. */
const secretsAside = (environment: NodeJS.Dict<string> = {}, env: NodeJS.Dict<string> = {}) =>
  Object.fromEntries(
    Object.entries(environment)
      .filter(([name]) => !name.endsWith('_FILE'))
      .map(([name, value = '']) => [
        name,
        interpolate(value, { HOLDFAST_PUBLIC_URL: 'https://holdfast.example', ...env }),
      ]),
  );

describe('docker-compose.temporal.yml as production', () => {
  it('runs two gateways that differ in nothing but their address, and two workers', () => {
    const [first, second] = gateways.map((name) => ({ ...service(name), networks: undefined }));
    expect(first).toEqual(second);
    expect(new Set(gateways.map((name) => addressOn('edge', name))).size).toBe(2);
    expect(service('worker').deploy).toEqual({ replicas: 2 });
  });

  it('has the proxy know all gateways by addresses that stay, whatever network was chosen', () => {
    const upstream = [...nginx.matchAll(/^ +server (\S+):(\d+) /gm)].map(([, host, port]) => [
      host,
      port,
    ]);
    expect(upstream).toEqual(gateways.map((name) => [name, '3000']));
    for (const env of [{}, { HOLDFAST_EDGE: '10.9.8' }]) {
      const hosts = (service('proxy').extra_hosts ?? []).map((line) => interpolate(line, env));
      expect(hosts).toEqual(gateways.map((name) => `${name}:${addressOn('edge', name, env)}`));
      const subnet = file.networks['edge']?.ipam?.config[0]?.subnet ?? '';
      const { trustedProxies } = parseConfig(secretsAside(service('gateway').environment, env));
      expect(trustedProxies).toEqual([interpolate(subnet, env)]);
    }
  });

  it("believes the operator's own proxies beside it, where they are named", () => {
    const { environment } = service('gateway');
    const env = { HOLDFAST_EDGE: '10.9.8', HOLDFAST_FURTHER_PROXIES: '203.0.113.7/32,10.2.0.0/16' };
    const { trustedProxies } = parseConfig(secretsAside(environment, env));
    expect(trustedProxies).toEqual(['10.9.8.0/28', '203.0.113.7/32', '10.2.0.0/16']);
    for (const name of Object.keys(env)) expect(knownVariables()).toContain(name);
  });

  it('has the proxy log no address of a request, whose query may be a code, but of webhooks', () => {
    const levels = [...nginx.matchAll(/^( *)error_log \/dev\/stderr (\w+);$/gm)];
    expect(levels.map(([, indent = '', level]) => [indent.length, level])).toEqual([
      [0, 'crit'],
      [6, 'error'],
    ]);
    expect(nginx).toMatch(/location \/webhooks\/ \{\n.*\n +error_log \/dev\/stderr error;/);
    expect(nginx).toMatch(/^ +access_log off;$/m);
  });

  it('publishes no gateway beside the proxy', () => {
    expect(gateways.map((name) => service(name).ports)).toEqual([undefined, undefined]);
    expect(service('proxy').ports).toEqual(['127.0.0.1:3000:3000']);
  });

  it('asks each process for its health where it answers, and Prometheus all of them for their metrics', () => {
    const { metricsPort } = parseConfig(secretsAside(service('gateway').environment));
    const { workerPort } = parseConfig(secretsAside(service('worker').environment));
    expect(service('worker').healthcheck?.test.join(' ')).toContain(
      `http://127.0.0.1:${workerPort}/readyz`,
    );
    expect(service('gateway').healthcheck?.test.join(' ')).toContain(
      'http://127.0.0.1:3000/readyz',
    );
    const [ofGateways, ofWorkers] = prometheus.scrape_configs;
    expect(ofGateways?.static_configs?.[0]?.targets).toEqual(
      gateways.map((name) => `${name}:${metricsPort ?? ''}`),
    );
    expect(ofWorkers?.dns_sd_configs).toEqual([
      expect.objectContaining({ names: ['worker'], port: workerPort }),
    ]);
    for (const { authorization } of prometheus.scrape_configs) {
      expect(authorization.credentials_file).toBe('/run/secrets/holdfast_metrics_token');
    }
  });

  it('starts Prometheus only where it is asked for', () => {
    const optional = servicesOf(file).filter(({ profiles }) => profiles !== undefined);
    expect(optional.map(({ name, profiles }) => [name, profiles])).toEqual([
      ['prometheus', ['monitoring']],
    ]);
  });

  it('gives each process longer than it takes to stop, and no right that it does not need', () => {
    const grace = (name: string) => service(name).stop_grace_period;
    expect([...gateways, 'worker', 'proxy'].map(grace)).toEqual(['30s', '30s', '60s', '30s']);
    for (const name of [...gateways, 'worker', 'migrate', 'proxy', 'prometheus']) {
      const { read_only, cap_drop } = service(name);
      expect([name, read_only, cap_drop]).toEqual([name, true, ['ALL']]);
    }
  });
});
