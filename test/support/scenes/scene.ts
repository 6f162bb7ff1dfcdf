import { createHmac, randomUUID } from 'node:crypto';
import type { Handler, ProviderDeclaration } from '../../../src/providers/provider';
import { type Destination, startDestination } from '../doubles/destination';
import { eventually } from '../eventually';
import { type Grant, type OAuthServer, startOAuthServer } from '../doubles/oauth-server';
import { startSystem, type System, type SystemOptions } from './system';

export interface IntegrationBody {
  id: string;
  status: string;
  health: string;
  transition: number;
  reason: { code: string; credential: string; message: string; by: string; since: string } | null;
  credentials: { name: string; id: string; version: number; state: string; code: string | null }[];
  inbox: { pending: number; failed: number; handled: number; discarded: number };
  userId: string;
  webhookSecret: string;
}

/** One provider, one destination, one gateway and worker: what most scenarios are played on. */
export interface Scene {
  system: System;
  provider: OAuthServer;
  destination: Destination;
  connect(options?: ConnectOptions): Promise<IntegrationBody>;
  show(id: string): Promise<IntegrationBody>;
  /** Waits until the API says so. */
  until(id: string, status: string): Promise<IntegrationBody>;
  webhook(to: IntegrationBody, options?: WebhookOptions): Promise<WebhookAnswer>;
  close(): Promise<void>;
}

export interface ConnectOptions {
  userId?: string;
  name?: string;
  expiresInMs?: number;
  credentials?: Record<
    string,
    (Partial<Grant> & { expiresAt?: string; accountId?: string }) | { id: string }
  >;
  fields?: Record<string, unknown>;
}

export interface WebhookOptions {
  /** More of them. */
  headers?: Record<string, string>;
  id?: string;
  body?: string;
}

export interface WebhookAnswer {
  status: number;
  /** The header. */
  retryAfter: string | null;
  id: string;
  outcome: string;
}

const provider = 'acme';

export type SceneOptions = Omit<SystemOptions, 'configuration'> & {
  /** Seconds; of the access tokens that a refresh brings. */
  expiresIn?: number;
  /** Declares where the account's id is, which a reconnect is then compared with. */
  withAccount?: boolean;
  /** What the provider declares beside its OAuth addresses. */
  declare?: (url: string) => Partial<ProviderDeclaration>;
  /** Further providers, by name, that are like it in all but their label, or what a function makes of it. */
  alike?: Record<string, string | ((declaration: ProviderDeclaration) => ProviderDeclaration)>;
  handlers?: Record<string, Handler>;
};

export async function startScene({
  expiresIn,
  withAccount = false,
  declare = () => ({}),
  alike = {},
  handlers = {},
  ...options
}: SceneOptions = {}): Promise<Scene> {
  const oauth = await startOAuthServer(expiresIn === undefined ? {} : { expiresIn });
  if (withAccount && oauth.declaration.oauth !== undefined) {
    oauth.declaration.oauth.account = { url: `${oauth.url}/me`, pointer: '/id' };
  }
  const destination = await startDestination();
  const declaration = { ...oauth.declaration, ...declare(oauth.url) };
  const others = Object.entries(alike).map(
    ([name, other]) =>
      [
        name,
        typeof other === 'string' ? { ...declaration, label: other } : other(declaration),
      ] as const,
  );
  const system = await startSystem({
    configuration: {
      providers: { [provider]: declaration, ...Object.fromEntries(others) },
      handlers,
    },
    ...options,
  });

  const show = async (id: string) =>
    (await system.api<IntegrationBody>('GET', `/v1/integrations/${id}`)).body;

  return {
    system,
    provider: oauth,
    destination,
    show,
    connect: async (connect = {}) => {
      const expiresAt = new Date(Date.now() + (connect.expiresInMs ?? 3_600_000)).toISOString();
      const { status, body } = await system.api<IntegrationBody>('POST', '/v1/integrations', {
        userId: connect.userId ?? 'user-1',
        name: connect.name ?? `connection-${randomUUID()}`,
        provider,
        credentials: connect.credentials ?? { main: { ...oauth.grant(), expiresAt } },
        destination: { url: destination.url },
        ...connect.fields,
      });
      if (status !== 201) throw new Error(`not created: ${JSON.stringify(body)}`);
      return body;
    },
    until: (id, status) =>
      eventually(
        async () => {
          const integration = await show(id);
          if (integration.status !== status) throw new Error(`it is ${integration.status}`);
          return integration;
        },
        { timeoutMs: 25_000 },
      ),
    webhook: (to, webhook) => sendWebhook(system.url, to, webhook),
    close: async () => {
      await system.close();
      await destination.close();
      await oauth.close();
    },
  };
}

/** Unlike any other, so that it can be looked for in whatever was written. */
const someBody = () => `{"type":"contact.updated","note":"${randomUUID()}"}`;

/** Posts a webhook, signed as Standard Webhooks. */
export async function sendWebhook(
  gatewayUrl: string,
  to: Pick<IntegrationBody, 'id' | 'webhookSecret'>,
  { id = `msg_${randomUUID()}`, body = someBody(), headers = {} }: WebhookOptions = {},
): Promise<WebhookAnswer> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const key = Buffer.from(to.webhookSecret.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  const response = await fetch(`${gatewayUrl}/webhooks/${to.id}`, {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
    body,
  });
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    ...((await response.json()) as Pick<WebhookAnswer, 'id' | 'outcome'>),
  };
}
