import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/client';
import { workflowIds } from '../../../workflows/contract/ids';
import type { Pool } from '../../../src/db/pool';
import { type Destination, startDestination } from '../doubles/destination';
import { type OAuthServer, startOAuthServer } from '../doubles/oauth-server';
import { type RevocationEndpoint, startRevocationEndpoint } from '../doubles/revocation-endpoint';
import type { IntegrationBody } from './scene';
import { startSystem, type System, type SystemOptions } from './system';

/** A provider that takes grants back, and what a test of deletions asks about. */
export interface DeletionScene {
  system: System;
  provider: OAuthServer;
  revocations: RevocationEndpoint;
  destination: Destination;
  connect(options?: DeletionConnect): Promise<IntegrationBody & { refreshToken: string }>;
  /** Deletes an integration, or a user. @returns the status of the answer */
  remove(path: string): Promise<number>;
  close(): Promise<void>;
}

interface DeletionConnect {
  userId?: string;
  accountId?: string | null;
  /** The credential of another integration, to be shared. */
  shares?: IntegrationBody;
}

export async function startDeletionScene({
  withAccount = false,
  ...options
}: Omit<SystemOptions, 'configuration'> & {
  /** The provider says whose account it is. */
  withAccount?: boolean;
} = {}): Promise<DeletionScene> {
  const provider = await startOAuthServer();
  const revocations = await startRevocationEndpoint();
  const destination = await startDestination();
  const { oauth } = provider.declaration;
  if (oauth === undefined) throw new Error('the provider has no OAuth');
  oauth.revocationUrl = revocations.url;
  if (withAccount) oauth.account = { url: `${provider.url}/me`, pointer: '/id' };
  const system = await startSystem({
    configuration: { providers: { acme: provider.declaration } },
    ...options,
  });
  return {
    ...{ system, provider, revocations, destination },
    connect: async ({ userId = 'user-1', accountId = randomUUID(), shares } = {}) => {
      const grant = provider.grant();
      const account = accountId === null ? {} : { accountId };
      const { status, body } = await system.api<IntegrationBody>('POST', '/v1/integrations', {
        userId,
        name: `connection-${randomUUID()}`,
        provider: 'acme',
        credentials: {
          main: shares === undefined ? { ...grant, ...account } : { id: shares.credentials[0]?.id },
        },
        destination: { url: destination.url },
      });
      if (status !== 201) throw new Error(`not created: ${JSON.stringify(body)}`);
      return { ...body, refreshToken: grant.refreshToken };
    },
    remove: async (path) => (await system.api('DELETE', `/v1/${path}`)).status,
    close: async () => {
      await system.close();
      await destination.close();
      await revocations.close();
      await provider.close();
    },
  };
}

/** Every id by which something of an integration can be found, its workflows' among them. */
export async function idsOf(pool: Pool, integration: IntegrationBody): Promise<string[]> {
  const { id } = integration;
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM deliveries WHERE integration_id = $1
     UNION ALL SELECT id FROM notices WHERE integration_id = $1
     UNION ALL SELECT user_id FROM integrations WHERE id = $1`,
    [id],
  );
  const credentialIds = integration.credentials.map((credential) => credential.id);
  return [
    ...[id, ...credentialIds, ...rows.map((row) => row.id)],
    ...[workflowIds.integration(id), workflowIds.notification(id)],
    ...credentialIds.map((credentialId) => workflowIds.credential(credentialId)),
  ];
}

/**
 * How many rows of each table name one of these ids, in whatever column: tables that come later are looked
 * through too. Only those that have any.
 */
export async function rowsWith(
  pool: Pool,
  ids: readonly string[],
): Promise<Record<string, number>> {
  const { rows: tables } = await pool.query<{ name: string; where: string }>(
    `SELECT c.table_name AS name,
            string_agg(format('%I = ANY ($1)', c.column_name), ' OR ') AS where
     FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.data_type = 'text'
     GROUP BY 1`,
  );
  const counts: Record<string, number> = {};
  for (const { name, where } of tables) {
    const { rows } = await pool.query<{ count: number }>(
      `SELECT count(*)::int FROM "${name}" WHERE ${where}`,
      [ids],
    );
    const count = rows[0]?.count ?? 0;
    if (count > 0) counts[name] = count;
  }
  return counts;
}

/** Less what is still to be told to providers and Temporal, where the rows of it are gone. */
export function withoutOutboxes(counts: Record<string, number>): Record<string, number> {
  const outboxes = ['deleted_actors', 'revocations'];
  return Object.fromEntries(Object.entries(counts).filter(([table]) => !outboxes.includes(table)));
}

/** Temporal takes half a minute to delete a history: most tests are content with its end. */
export async function hasEnded(scene: DeletionScene, workflowId: string): Promise<void> {
  const { workflow } = scene.system.temporal;
  const status = await workflow
    .getHandle(workflowId)
    .describe()
    .then(
      (description) => description.status.name,
      (error: unknown) => (error instanceof WorkflowNotFoundError ? 'deleted' : 'unknown'),
    );
  expect(['COMPLETED', 'deleted']).toContain(status);
}
