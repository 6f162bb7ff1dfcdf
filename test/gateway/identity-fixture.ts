import { randomBytes } from 'node:crypto';
import { createEnvelope, type Envelope } from '../../src/crypto/envelope';
import type { Pool } from '../../src/db/pool';
import { createApp } from '../../src/gateway/app';
import { createLog, type Logger } from '../../src/lib/log';
import { type Registry } from '../../src/providers/registry';
import { openRegistry, openRules } from '../support/connections';
import { type Actors, createActors } from '../../src/temporal/actors';
import { createInboxSignals } from '../../src/temporal/inbox-signals';
import { createTemporal, type Temporal } from '../../src/temporal/client';
import { testDatabase } from '../support/servers/database';
import { freePort } from '../support/processes/free-port';
import { testTemporal } from '../support/servers/temporal';
import { type AuthorizationServer, authorizationServer } from './authorization-server';

const apiKey = 'a-key-of-the-application-0123456789';

/** What any of the answers may have; a test reads what its own has. */
interface ApiBody {
  id: string;
  url?: string;
  token?: string;
  version: number;
  accessToken?: string;
  expiresAt: string;
  credentials: [{ id: string }];
  error: { code: string; message: string };
}

interface ApiAnswer {
  status: number;
  body: ApiBody;
  headers: Headers;
}

export interface IdentityFixture {
  publicUrl: string;
  pool: Pool;
  envelope: Envelope;
  registry: Registry;
  actors: Actors;
  temporal: Temporal;
  address: { address: string; namespace?: string };
  server: AuthorizationServer;
  log: Logger;
  /** Everything that was logged. */
  logged: string[];
  /** Secrets that the gateway gave out or was given. */
  known: string[];
  /** Whether an address is where a provider leads back to. */
  isCallback: (url: URL) => boolean;
  api: (method: string, path: string, body?: unknown) => Promise<ApiAnswer>;
  /** An integration of that user, not connected. @returns its id and its credential's */
  integration(
    userId: string,
    provider?: string,
    more?: object,
  ): Promise<{ id: string; credentialId: string }>;
  close(): Promise<void>;
}

/** The real gateway, listening, on a real Postgres, Temporal and OpenID provider. */
export async function identityFixture(
  options: { temporal?: 'away'; signInUrl?: string } = {},
): Promise<IdentityFixture> {
  const database = await testDatabase();
  const address = options.temporal === 'away' ? { address: '127.0.0.1:1' } : await testTemporal();
  const temporal = createTemporal(address);
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const server = await authorizationServer(
    ['acme', 'lazy', 'plain', 'picky', 'narrow', 'single', 'tenant'].map(
      (provider) => `${publicUrl}/oauth/${provider}/callback`,
    ),
  );
  const envelope = createEnvelope([{ id: 'k1', key: randomBytes(32) }]);
  const logged: string[] = [];
  const known: string[] = [];
  const log = createLog('info', { write: (line) => logged.push(line) });
  const oauth = {
    issuer: server.issuer,
    clientId: 'holdfast',
    clientSecret: 'the-client-secret',
    scopes: ['openid', 'offline_access'],
    account: { url: `${server.issuer}/me`, pointer: '/sub' },
  };
  const away = `http://127.0.0.1:${await freePort()}`;
  const registry = openRegistry({
    providers: {
      acme: {
        label: 'Acme',
        oauth: { ...oauth, authorizationParameters: { prompt: 'consent' } },
      },
      // Gives lasting access only where consent is asked for.
      lazy: { oauth },
      // Nobody asks it for lasting access.
      plain: { oauth: { ...oauth, scopes: ['openid'] } },
      // Without lasting access it is of no use, and that is granted only where consent is asked for.
      picky: {
        label: 'Picky',
        oauth: {
          ...oauth,
          requiredScopes: ['openid', 'offline_access'],
          scopeLabels: { offline_access: 'Work while you are <away>' },
        },
      },
      // Its server grants another scope than that.
      narrow: { oauth: { ...oauth, scopes: ['openid'], requiredScopes: ['contacts', 'files'] } },
      hooks: { webhook: { scheme: 'github' } },
      // A further consent ends the earlier grant of its account.
      single: {
        oauth: {
          ...oauth,
          authorizationParameters: { prompt: 'consent' },
          grantsPerAccount: 1,
        },
        probe: { url: `${server.issuer}/me`, everySeconds: 3_600 },
      },
      // Its account is what a connection names, which a probe has to bear out.
      tenant: {
        label: 'Tenant',
        oauth: {
          ...oauth,
          authorizationParameters: { prompt: 'consent' },
          account: { parameter: 'tenant' },
          parameters: { tenant: /^[a-z]+$/ },
        },
        probe: { url: `${server.issuer}/me?tenant={tenant}`, everySeconds: 3_600 },
      },
      // Can't be asked about tokens: it is away, and names no account.
      silent: {
        oauth: {
          ...{ authorizationUrl: away, tokenUrl: away },
          ...{ clientId: 'holdfast', clientSecret: 'the-client-secret' },
        },
      },
      // Its address has a part that each connection brings.
      shop: {
        oauth: {
          ...oauth,
          account: { url: 'https://{shop}/me', pointer: '/sub' },
          parameters: { shop: /^[a-z0-9-]+\.shops\.example$/ },
        },
      },
      gone: {
        label: 'Gone',
        oauth: { ...oauth, issuer: away },
      },
    },
  });
  const actors = createActors(temporal.client);
  const inboxSignals = createInboxSignals(actors, log);
  const app = createApp({
    config: {
      ...{ host: '127.0.0.1', port: 3000 },
      publicUrl,
      bodyLimitBytes: 65_536,
      rateLimitPerSecond: 500,
      keepLimit: 100_000,
      keepLimitBytes: 2 ** 30,
      trustedProxies: [],
      apiKeys: [apiKey],
      appName: 'Example & Co',
      signInUrl: options.signInUrl,
      allowedOrigins: ['https://app.example', 'https://other.example'],
      sweepSeconds: 30,
      notifyUrl: 'https://app.example/notices',
      ...openRules,
    },
    pool: database.pool,
    inboxPool: database.pool,
    envelope,
    registry,
    handlerNames: ['sync'],
    actors,
    inboxSignals,
    pingTemporal: () => Promise.resolve(),
    isSweepPaused: () => Promise.resolve(false),
    log,
  });
  await app.listen({ host: '127.0.0.1', port });

  const api = async (method: string, path: string, body?: unknown): Promise<ApiAnswer> => {
    const answer = await fetch(`${publicUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answered = (await answer.json()) as ApiBody;
    known.push(answered.token ?? '', answered.accessToken ?? '', answered.url?.slice(-43) ?? '');
    return { status: answer.status, body: answered, headers: answer.headers };
  };
  return {
    ...{ publicUrl, pool: database.pool, envelope, registry, actors, temporal, address, server },
    ...{ log, logged, known, api },
    isCallback: ({ origin, pathname }) => origin === publicUrl && pathname.endsWith('/callback'),
    integration: async (userId, provider = 'acme', more = {}) => {
      const { status, body } = await api('POST', '/v1/integrations', {
        ...{ userId, name: 'main', provider, handler: 'sync', ...more },
      });
      if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
      return { id: body.id, credentialId: body.credentials[0].id };
    },
    close: async () => {
      await app.close();
      await inboxSignals.close();
      await server.close();
      await temporal.close();
      await database.drop();
    },
  };
}
