import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseConfig, readSecretFiles } from '../../../src/config';
import { freePorts } from '../../../src/dev/process/free-ports';
import { openStackDir } from '../../../src/dev/stack/layout';
import { prometheusConfig, proxyConfig, findNginx } from '../../../src/dev/stack/proxy';
import { stackSecrets } from '../../../src/dev/stack/secrets';
import { serverVersion } from '../../../src/dev/stack/server-build';
import {
  shellText,
  stackSettings,
  withSettings,
  writeDatabaseUrls,
} from '../../../src/dev/stack/settings';
import { stackPorts } from '../../../src/dev/stack/stack-ports';
import { temporalConfig } from '../../../src/dev/stack/temporal-config';
import { type ComposeFile, readComposeFile, root } from '../../deploy/compose-file';

const compose = readComposeFile() as ComposeFile;
const deployed = (file: string) => readFileSync(path.join(root, 'deploy', file), 'utf8');
const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-stack-'));
const paths = openStackDir(folder);
const secrets = stackSecrets(paths);
const publicUrl = 'http://localhost:3000';
let ports: Awaited<ReturnType<typeof stackPorts>>;

beforeAll(async () => {
  ports = await stackPorts(paths.ports);
  writeDatabaseUrls(secrets, ports.holdfastPostgres);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const settings = () => stackSettings({ paths, ports, secrets, publicUrl, env: {}, root });

test('processes get every setting that Compose gives them, which Holdfast takes', () => {
  const own = settings();
  const pairs = [
    ['gateway', own.gateway(0)],
    ['gateway-2', own.gateway(1)],
    ['worker', own.worker(0)],
    ['migrate', own.migrate],
  ] as const;
  for (const [name, given] of pairs) {
    const { environment = {} } = compose.services[name] ?? {};
    expect([name, Object.keys(environment).filter((one) => !(one in given))]).toEqual([name, []]);
    const { env, problems } = readSecretFiles(given);
    expect([name, problems]).toEqual([name, []]);
    expect(parseConfig(env)).toMatchObject({ temporalAddress: `127.0.0.1:${ports.temporal}` });
  }
  expect(own.gateway(0)['PORT']).not.toBe(own.gateway(1)['PORT']);
  // The superuser's and the owner's passwords are nobody's who runs.
  expect(Object.keys(own.gateway(0)).join()).not.toMatch(/MIGRATE|POSTGRES_PASSWORD/);
});

test('secrets and addresses are private files, and stay from start to start', () => {
  for (const name of ['holdfast_keys', 'holdfast_api_keys', 'holdfast_database_url']) {
    expect([name, statSync(secrets.fileOf(name)).mode & 0o777]).toEqual([name, 0o600]);
  }
  expect(stackSecrets(paths).apiKey).toBe(secrets.apiKey);
});

test('ports are those of the last time, unless one is taken or the file is no use', async () => {
  expect(await stackPorts(paths.ports)).toEqual(ports);
  expect(new Set(Object.values(ports)).size).toBe(Object.keys(ports).length);
  const [asked = 0] = await freePorts(1);
  expect(await stackPorts(paths.ports, asked)).toEqual({ ...ports, proxy: asked });
  // One that another part of the stack has had.
  const anew = await stackPorts(paths.ports, ports.gateway);
  expect(anew.proxy).toBe(ports.gateway);
  expect(new Set(Object.values(anew)).size).toBe(Object.keys(ports).length);
  writeFileSync(paths.ports, '{ "proxy": 1');
  expect((await stackPorts(paths.ports)).gateway).toBeGreaterThan(0);
});

test('a port that is asked for and taken is an error, and nothing else is chosen', async () => {
  const other = createServer().listen({ host: '127.0.0.1', port: 0 });
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await expect(stackPorts(paths.ports, port)).rejects.toThrow(
    `Port ${port} on 127.0.0.1 (the proxy) is taken by another process. Free it, or set --port`,
  );
  expect(Object.values(await stackPorts(paths.ports))).not.toContain(port);
  other.close();
  await once(other, 'close');
});

test('ports stay where one is let go of a moment later', async () => {
  const kept = await stackPorts(paths.ports);
  const earlier = createServer().listen({ host: '127.0.0.1', port: kept.worker1 });
  await once(earlier, 'listening');
  setTimeout(() => earlier.close(), 500);
  expect(await stackPorts(paths.ports)).toEqual(kept);
});

test("a setting of the person's that the stack gives itself is not in its way, in either form", () => {
  const env = {
    DATABASE_URL: 'postgres://elsewhere/db',
    HOLDFAST_KEYS: 'theirs',
    TEMPORAL_TLS: 'true',
    PORT: '1',
    HOLDFAST_RETENTION_DAYS: '5',
    ACME_CLIENT_ID: 'id',
  };
  const merged = withSettings(env, settings().worker(0));
  expect(merged).toMatchObject({ HOLDFAST_RETENTION_DAYS: '5', ACME_CLIENT_ID: 'id' });
  for (const name of ['DATABASE_URL', 'HOLDFAST_KEYS', 'TEMPORAL_TLS', 'PORT'])
    expect(merged).not.toHaveProperty(name);
});

test('a shell reads the settings as they are', () => {
  const text = shellText({ A: "it's $HOME `x`", B: 'two words' });
  const said = execFileSync('sh', ['-c', `${text}\nprintf '%s|%s' "$A" "$B"`], {
    encoding: 'utf8',
  });
  expect(said).toBe("it's $HOME `x`|two words");
});

test("the proxy's configuration is that of Compose, at the stack's addresses", () => {
  const template = deployed('proxy/nginx.conf');
  const text = proxyConfig(template, ports, paths, false);
  expect(text).toContain(`server 127.0.0.1:${ports.gateway} max_fails=0;`);
  expect(text).toContain(`server 127.0.0.1:${ports.gateway2} max_fails=0;`);
  expect(text).toContain(`listen 127.0.0.1:${ports.proxy};`);
  const elsewhere = text.replaceAll(`"${paths.proxy}/`, '');
  expect(elsewhere.match(/^(?! *#).*(\/tmp\/|:3000)/gm)).toBeNull();
  expect(text.split('\n')).toHaveLength(template.split('\n').length);
  expect(proxyConfig(template, ports, paths, true)).toBe(`user root;\n${text}`);
  expect(() => proxyConfig(template.replace('listen 3000', ''), ports, paths, false)).toThrow(
    'listen 3000',
  );
});

test("Prometheus is to scrape the stack's processes by Compose's configuration", () => {
  const text = prometheusConfig(deployed('monitoring/prometheus.yml'), ports, {
    rules: '/rules',
    token: '/token',
  });
  for (const port of [ports.gatewayMetrics, ports.gateway2Metrics, ports.worker1, ports.worker2])
    expect(text).toContain(`'127.0.0.1:${port}'`);
  expect(text).toContain('rule_files: [/rules/alerts.yml]');
  expect(text).not.toMatch(/gateway:9464|dns_sd|\/run\/secrets/);
});

test('Temporal is of the release that Compose names, on Postgres, with the same settings', () => {
  expect(compose.services['temporal']?.image).toBe(`temporalio/server:${serverVersion()}`);
  const store = { port: 5432, user: 'postgres', password: 'with"quote' };
  const config = JSON.parse(temporalConfig(ports, store, '/dynamic.yaml')) as {
    persistence: { numHistoryShards: number; datastores: Record<string, { sql: object }> };
    dynamicConfigClient: object;
  };
  const { NUM_HISTORY_SHARDS: shards } = compose.services['temporal']?.environment ?? {};
  expect(config.persistence.numHistoryShards).toBe(Number(shards));
  expect(config.persistence.datastores['default']?.sql).toMatchObject({
    pluginName: 'postgres12',
    connectAddr: '127.0.0.1:5432',
    password: 'with"quote',
  });
  expect(config.dynamicConfigClient).toMatchObject({ filepath: '/dynamic.yaml' });
});

test('nginx is looked for on the path', () => {
  writeFileSync(path.join(folder, 'nginx'), '');
  expect(findNginx(`/nowhere:${folder}`)).toBe(path.join(folder, 'nginx'));
});
