import type { Health, IntegrationStatus } from '../../../workflows/contract';
import type { Queryable } from '../pool';

/** One of a person's integrations, as its page lists it. */
export interface Connection {
  integrationId: string;
  name: string;
  provider: string;
  status: IntegrationStatus;
  health: Health;
}

/** At most 200, by name. */
export async function readConnections(client: Queryable, userId: string): Promise<Connection[]> {
  const { rows } = await client.query<Connection>(
    `SELECT integration_id AS "integrationId", name, provider, status, health
       FROM connector_health WHERE user_id = $1::text ORDER BY name LIMIT 200`,
    [userId],
  );
  return rows;
}
