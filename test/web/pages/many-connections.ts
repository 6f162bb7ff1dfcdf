import type { Page } from 'playwright-core';
import type { ProviderDeclaration } from '../../../src/providers/provider';
import { type GatewayFixture, gatewayFixture } from '../../gateway/gateway-fixture';
import type { GatewayConfig } from '../../../src/gateway/deps';
import { type Browser, type PageOptions, startBrowser } from '../../support/browser/browser';
import { signIn } from '../../support/browser/sign-in';
import { freePort } from '../../support/processes/free-port';
import {
  insertCredential,
  insertDeliveries,
  insertIntegration,
  linkCredential,
  sql,
} from '../../support/scenes/rows';

/** How a connection stands, by its rows alone: no actor looks at them. */
export type Standing = 'working' | 'broken' | 'unconnected' | 'off' | 'failing' | 'degraded';

export interface Row {
  provider: string;
  name: string;
  standing?: Standing;
  account?: string;
  accountId?: string;
  kept?: number;
}

export interface ManyConnections {
  fixture: GatewayFixture;
  browser: Browser;
  origin: string;
  insert(userId: string, rows: readonly Row[]): Promise<string[]>;
  open(userId: string, options?: PageOptions, session?: object): Promise<Page>;
  close(): Promise<void>;
}

const labels = {
  acme: 'Acme',
  northwind: 'Northwind Mail',
  globex: 'Globex Calendar',
  initech: 'Initech Files',
  umbrella: 'Umbrella CRM',
};

const declare = (label: string): ProviderDeclaration => ({
  label,
  oauth: {
    authorizationUrl: 'https://provider.example/authorize',
    tokenUrl: 'https://provider.example/token',
    clientId: 'holdfast',
    clientSecret: 'not-a-secret',
    scopes: ['contacts.read', 'contacts.write'],
    requiredScopes: ['contacts.read'],
    scopeLabels: {
      'contacts.read': 'See your contacts',
      'contacts.write': 'Change your contacts',
    },
    account: { tokenResponsePointer: '/account' },
  },
  webhook: { scheme: 'standard-webhooks' },
});

export async function startManyConnections(
  config: Partial<GatewayConfig> = {},
  more: Record<string, ProviderDeclaration> = {},
): Promise<ManyConnections> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const fixture = await gatewayFixture({
    config: { appName: 'Example App', port, publicUrl: origin, ...config },
    providers: {
      ...Object.fromEntries(Object.entries(labels).map(([name, label]) => [name, declare(label)])),
      ...more,
    },
  });
  await fixture.app.listen({ host: '127.0.0.1', port });
  const browser = await startBrowser();
  const api = async <T>(method: string, path: string, body?: unknown) => {
    const answer = await fixture.call(method as 'POST', path, body);
    return { status: answer.status, body: answer.body as T };
  };
  return {
    ...{ fixture, browser, origin },
    insert: async (userId, rows) => {
      const ids: string[] = [];
      for (const [index, row] of rows.entries()) {
        ids.push(await insertOne(fixture, userId, row, index));
      }
      return ids;
    },
    open: async (userId, options = {}, session = {}) => {
      const page = await browser.newPage(options);
      await signIn(page, { system: { api } }, userId, session);
      return page;
    },
    close: async () => {
      await browser.close();
      await fixture.close();
    },
  };
}

function credentialIn(standing: Standing) {
  if (standing === 'broken') return { state: 'dead', code: 'invalid_grant' } as const;
  if (standing === 'unconnected') return { state: 'missing', version: 0 } as const;
  if (standing === 'degraded') return { state: 'degraded', degraded_since: sql('now()') } as const;
  return { state: 'alive' } as const;
}

async function insertOne(
  { pool }: GatewayFixture,
  userId: string,
  row: Row,
  index: number,
): Promise<string> {
  const { provider, name, standing = 'working', account = 'ada@acme.example', kept = 0 } = row;
  const isError = standing === 'broken' || standing === 'unconnected';
  const id = await insertIntegration(pool, {
    ...{ user_id: userId, name, provider },
    status: isError ? 'ERROR' : standing === 'off' ? 'DISABLED' : 'ENABLED',
    reason_code:
      standing === 'broken'
        ? 'invalid_grant'
        : standing === 'unconnected'
          ? 'not_connected'
          : standing === 'off'
            ? 'switched_off'
            : null,
  });
  const credential = await insertCredential(pool, {
    ...{ user_id: userId, provider },
    ...credentialIn(standing),
    account_id: standing === 'unconnected' ? null : (row.accountId ?? account),
  });
  await linkCredential(pool, { integration_id: id, credential_id: credential });
  await pool.query(
    `UPDATE credentials SET account_label = $2::text, last_success_at = now() - interval '2 hours',
            scopes = ARRAY['contacts.read', 'contacts.write']
     WHERE id = $1 AND account_id IS NOT NULL`,
    [credential, account],
  );
  await pool.query(
    `INSERT INTO transitions (integration_id, number, from_status, to_status, code, by, at)
     VALUES ($1, 0, NULL, 'ENABLED', 'created', 'system', now() - interval '40 days'),
            ($1, 1, 'ENABLED', 'ERROR', 'invalid_grant', 'system', now() - interval '9 days'),
            ($1, 2, 'ERROR', 'ENABLED', 'reauthorized', 'user', now() - interval '8 days')`,
    [id],
  );
  await pool.query(
    `UPDATE integrations SET status_since = now() - $2::int * interval '7 hours' WHERE id = $1`,
    [id, index + 1],
  );
  if (standing !== 'unconnected') {
    await insertDeliveries(pool, 1, {
      ...{ integration_id: id, state: 'handled' },
      received_at: sql(`now() - ${index} * interval '13 minutes'`),
    });
  }
  if (kept > 0) await insertDeliveries(pool, kept, { integration_id: id });
  if (standing === 'failing') {
    await pool.query(
      `INSERT INTO failing_destinations (integration_id, origin, since, error, next_attempt_at)
       VALUES ($1, 'https://app.example', now() - interval '20 minutes', 'The destination answered 500', now() + interval '3 minutes')`,
      [id],
    );
  }
  return id;
}

/** So many that work, at one provider after the other. */
export const working = (count: number): Row[] =>
  Array.from({ length: count }, (_, index) => {
    const provider = Object.keys(labels)[index % 5] ?? 'acme';
    return { provider, name: `workspace-${index + 1}`, account: `team-${index + 1}@acme.example` };
  });
