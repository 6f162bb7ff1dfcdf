import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { createEnvelope, type Envelope } from '../../src/crypto/envelope';
import { createPool, type Pool } from '../../src/db/pool';
import { createApp } from '../../src/gateway/app';
import { createLog } from '../../src/lib/log';
import type { GatewayConfig } from '../../src/gateway/deps';
import type { HoldfastConfiguration, ProviderDeclaration } from '../../src/providers/provider';
import { openRegistry, openRules } from '../support/connections';
import { createActors } from '../../src/temporal/actors';
import { createInboxSignals } from '../../src/temporal/inbox-signals';
import { isSweepPaused } from '../../src/temporal/sweep/schedule';
import { createTemporal, type Temporal } from '../../src/temporal/client';
import { testDatabase, type TestDatabase } from '../support/servers/database';
import { testTemporal } from '../support/servers/temporal';

export const apiKey = 'a-key-of-the-application-0123456789';
export const bodyLimitBytes = 64 * 1024;

const configuration: HoldfastConfiguration = {
  providers: {
    acme: {
      label: 'Acme',
      oauth: {
        authorizationUrl: 'https://acme.example/authorize',
        tokenUrl: 'https://acme.example/token',
        clientId: 'holdfast',
        clientSecret: 'not-a-secret',
        account: { tokenResponsePointer: '/account' },
      },
      webhook: { scheme: 'standard-webhooks' },
    },
    hooks: { webhook: { scheme: 'github' } },
    shop: {
      oauth: {
        authorizationUrl: 'https://{shop}/authorize',
        tokenUrl: 'https://{shop}/token',
        clientId: 'holdfast',
        clientSecret: 'not-a-secret',
        account: { tokenResponsePointer: '/account' },
        parameters: { shop: /^[a-z0-9-]+\.shops\.example$/ },
      },
    },
  },
  handlers: { sync: () => Promise.resolve() },
};

export interface GatewayFixture {
  app: FastifyInstance;
  database: TestDatabase;
  pool: Pool;
  envelope: Envelope;
  temporal: Temporal;
  /** Everything that was logged. */
  logged: string[];
  call: (method: Method, url: string, body?: unknown, headers?: object) => Promise<Answer>;
  /** A new integration of a user's own, with tokens. */
  create: (body?: object) => Promise<Body>;
  close(): Promise<void>;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** The fields of any answer, so that a test can go on with them; `toMatchObject` looks at the rest. */
export interface Body {
  id: string;
  secret: string;
  webhookSecret: string;
  nextCursor: string | null;
  items: Body[];
  credentials: { id: string }[];
  destination: { url: string; secret: string };
  error: { code: string; message: string };
}

export interface Answer {
  status: number;
  body: Body;
  headers: Record<string, unknown>;
}

interface FixtureOptions {
  /** Another gateway of the same installation. */
  beside?: GatewayFixture;
  /** `host:port`, where it is not the one of the run. */
  temporalAddress?: string;
  temporal?: 'away';
  /** `host:port` of something that is no Postgres. */
  postgres?: string;
  /** Beside those of all tests. */
  providers?: Record<string, ProviderDeclaration>;
  config?: Partial<GatewayConfig>;
}

/** The real app on a real Postgres and a real Temporal, which has no worker. */
export async function gatewayFixture(options: FixtureOptions = {}): Promise<GatewayFixture> {
  const { beside } = options;
  const database = beside?.database ?? (await testDatabase());
  const pool =
    options.postgres === undefined
      ? database.pool
      : createPool(`postgres://nobody:wrong@${options.postgres}/none`, createLog('silent'));
  const { temporalAddress = options.temporal === 'away' ? '127.0.0.1:1' : undefined } = options;
  const temporal = createTemporal(
    temporalAddress === undefined ? await testTemporal() : { address: temporalAddress },
  );
  const envelope = beside?.envelope ?? createEnvelope([{ id: 'k1', key: randomBytes(32) }]);
  const logged: string[] = [];
  const log = createLog('info', { write: (line) => logged.push(line) });
  const actors = createActors(temporal.client);
  const inboxSignals = createInboxSignals(actors, log);
  const app = createApp({
    config: {
      ...{ host: '127.0.0.1', port: 3000 },
      publicUrl: 'https://holdfast.example',
      bodyLimitBytes,
      rateLimitPerSecond: 500,
      keepLimit: 100_000,
      keepLimitBytes: 2 ** 30,
      trustedProxies: [],
      apiKeys: ['another-key-of-the-application-012345', apiKey],
      appName: 'this application',
      signInUrl: undefined,
      allowedOrigins: [],
      sweepSeconds: 30,
      notifyUrl: undefined,
      ...openRules,
      ...options.config,
    },
    pool,
    inboxPool: pool,
    envelope,
    registry: openRegistry({
      ...configuration,
      providers: { ...configuration.providers, ...options.providers },
    }),
    handlerNames: Object.keys(configuration.handlers ?? {}),
    actors,
    inboxSignals,
    pingTemporal: async () => {
      await temporal.client.withDeadline(Date.now() + 1_000, () =>
        temporal.client.workflowService.getSystemInfo({}),
      );
    },
    isSweepPaused: () => isSweepPaused(temporal.client, 1_000),
    log,
  });
  const call: GatewayFixture['call'] = async (method, url, body, headers = {}) => {
    const answer = await app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${apiKey}`, ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    });
    return {
      status: answer.statusCode,
      body: JSON.parse(answer.body === '' ? 'null' : answer.body) as Body,
      headers: answer.headers,
    };
  };
  let created = 0;
  return {
    ...{ app, database, pool, envelope, temporal, logged, call },
    create: async (body = {}) => {
      const number = ++created;
      const answer = await call('POST', '/v1/integrations', {
        userId: `user-${number}`,
        name: 'contacts',
        provider: 'acme',
        handler: 'sync',
        credentials: {
          main: { accessToken: `access-${number}`, refreshToken: `refresh-${number}` },
        },
        ...body,
      });
      if (answer.status !== 201) throw new Error(answer.body.error.message);
      return answer.body;
    },
    close: async () => {
      await app.close();
      await inboxSignals.close();
      await temporal.close();
      if (pool !== database.pool) await pool.end();
      if (beside === undefined) await database.drop();
    },
  };
}
