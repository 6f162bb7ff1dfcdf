import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { DataDir } from '../src/dev/data-dir';
import { runGuarded } from '../src/dev/process/guarded';
import { logTail } from '../src/dev/process/log-tail';
import { waitUntil } from '../src/dev/process/wait-until';

export interface BenchGateway {
  readonly pid: number;
  readonly url: string;
  readonly apiKey: string;
  /** A new integration, which begins in the given status, as the application creates it. */
  create(status: 'ENABLED' | 'ERROR'): Promise<Integration>;
  stop(): Promise<void>;
}

export interface Integration {
  id: string;
  /** Where its webhooks go. */
  url: string;
  secret: string;
}

export interface GatewayOptions {
  paths: DataDir;
  port: number;
  databaseUrl: string;
  temporalAddress: string;
  cpuProfileDir: string | null;
}

/** With OAuth and no credential an integration begins in ERROR, without OAuth it is ENABLED. */
const providers = {
  ENABLED: 'healthy',
  ERROR: 'disconnected',
} as const;
const configuration = `
const webhook = { scheme: 'standard-webhooks' };
export default {
  providers: {
    ${providers.ENABLED}: { webhook },
    ${providers.ERROR}: {
      webhook,
      oauth: {
        authorizationUrl: 'http://127.0.0.1:9/authorize',
        tokenUrl: 'http://127.0.0.1:9/token',
        clientId: 'bench',
        clientSecret: 'bench',
      },
    },
  },
};
`;

const cli = path.join(__dirname, '../src/cli.js');

/** Starts the gateway as an operator does, with the limits out of the way. */
export async function startBenchGateway(options: GatewayOptions): Promise<BenchGateway> {
  const { root } = options.paths;
  const url = `http://127.0.0.1:${options.port}`;
  const apiKey = randomBytes(24).toString('hex');
  writeFileSync(path.join(root, 'holdfast.config.mjs'), configuration);
  const logFile = path.join(root, 'gateway.log');
  const pidFile = path.join(root, 'gateway.pid');
  const profile =
    options.cpuProfileDir === null ? [] : ['--cpu-prof', '--cpu-prof-dir', options.cpuProfileDir];
  const child = runGuarded({
    command: process.execPath,
    // As the image and `npm start` run it.
    args: ['--max-semi-space-size=32', ...profile, cli, 'gateway'],
    options: { cwd: root },
    env: {
      HOST: '127.0.0.1',
      PORT: String(options.port),
      DATABASE_URL: options.databaseUrl,
      TEMPORAL_ADDRESS: options.temporalAddress,
      TEMPORAL_CONFIG_FILE: path.join(root, 'no-profiles.toml'),
      HOLDFAST_API_KEYS: apiKey,
      HOLDFAST_KEYS: `bench:${randomBytes(32).toString('base64')}`,
      HOLDFAST_PRIVATE_DESTINATIONS: 'allow',
      HOLDFAST_RATE_LIMIT_PER_SECOND: '1000000',
      HOLDFAST_KEEP_LIMIT: '1000000000',
      HOLDFAST_KEEP_LIMIT_BYTES: '1000000000000000',
    },
    ...{ logFile, pidFile },
    stopSignal: 'SIGTERM',
    graceMs: 20_000,
  });
  const isReady = async () => {
    if (child.hasExited()) throw new Error(`The gateway ended. ${logTail(logFile)}`);
    const { ok } = await fetch(`${url}/readyz`);
    if (!ok) throw new Error(`The gateway is not ready. ${logTail(logFile)}`);
  };
  try {
    await waitUntil(isReady, { timeoutMs: 60_000 });
  } catch (error) {
    await child.stop();
    throw error;
  }
  return {
    pid: Number(readFileSync(pidFile, 'utf8')),
    ...{ url, apiKey },
    create: (status) => createIntegration(url, apiKey, status),
    stop: () => child.stop(),
  };
}

interface Created {
  id: string;
  status: string;
  webhookSecret: string;
}

async function createIntegration(
  url: string,
  apiKey: string,
  status: keyof typeof providers,
): Promise<Integration> {
  const response = await fetch(`${url}/v1/integrations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ userId: 'bench', name: status.toLowerCase(), provider: providers[status] },
      destination: { url: 'http://127.0.0.1:9/' },
    }),
  });
  if (response.status !== 201) throw new Error(`not created: ${await response.text()}`);
  const created = (await response.json()) as Created;
  if (created.status !== status) throw new Error(`it is ${created.status}, not ${status}`);
  return { id: created.id, url: `${url}/webhooks/${created.id}`, secret: created.webhookSecret };
}
