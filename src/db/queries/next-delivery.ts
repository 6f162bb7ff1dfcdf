import type { CredentialState, IntegrationStatus } from '../../../workflows/contract';
import type { Queryable } from '../pool';

/** The oldest pending delivery, with what its attempt needs. */
export interface PendingDelivery {
  id: string;
  sequence: number;
  eventType: string | null;
  /** JSON text: [[name, value], …]. */
  headers: string;
  body: Buffer;
  attempts: number;
  /** How many of them belong to an earlier chance. */
  attemptsBefore: number;
  receivedAt: Date;
  nextAttemptAt: Date | null;
  due: boolean;
}

export interface DrainCredential {
  name: string;
  id: string;
  version: number;
  state: CredentialState;
  accountId: string | null;
  expiresAt: string | null;
  /** The provider's API has been refusing it lately. */
  refused: boolean;
}

/** The integration as it is in this moment. */
export interface DrainStep {
  status: IntegrationStatus;
  held: boolean;
  userId: string;
  provider: string;
  handler: string;
  destinationUrl: string | null;
  /** What fills the placeholders of the provider's addresses. */
  parameters: Record<string, string>;
  credentials: DrainCredential[];
  delivery: PendingDelivery | null;
}

interface Row extends Omit<DrainStep, 'delivery'> {
  delivery_id: string | null;
  sequence: number;
  event_type: string | null;
  headers: string;
  body: Buffer;
  attempts: number;
  attempts_before: number;
  received_at: Date;
  next_attempt_at: Date | null;
  due: boolean;
}

const nextSql = `
  WITH lease AS (
    UPDATE drain_leases SET until = now() + $3::float8 * interval '1 millisecond'
    WHERE integration_id = $1::text AND number = $2::bigint AND until > now()
    RETURNING integration_id
  )
  SELECT i.status, i.user_id AS "userId", i.provider, i.handler,
         i.destination_url AS "destinationUrl", coalesce(i.parameters, '{}') AS parameters,
         EXISTS (SELECT FROM holds h WHERE h.scope = 'all' OR h.user_id = i.user_id) AS held,
         coalesce(c.credentials, '[]') AS credentials,
         d.id AS delivery_id, d.sequence, d.event_type, d.headers, d.body, d.attempts, d.attempts_before,
         d.received_at,
         d.next_attempt_at, coalesce(d.next_attempt_at <= now(), true)
           OR EXISTS (SELECT FROM credentials k
                      WHERE k.id = d.waits_for_credential AND k.version > d.waits_for_version) AS due
  FROM lease
  JOIN integrations i ON i.id = lease.integration_id AND i.deleted_at IS NULL
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('name', l.name, 'id', k.id, 'version', k.version,
                    'state', k.state, 'accountId', k.account_id, 'expiresAt', k.expires_at,
                    'refused', k.refused_since IS NOT NULL)
                    ORDER BY l.name) AS credentials
    FROM integration_credentials l JOIN credentials k ON k.id = l.credential_id
    WHERE l.integration_id = i.id
  ) c
  LEFT JOIN LATERAL (
    SELECT * FROM deliveries d WHERE d.integration_id = i.id AND d.state = 'pending'
    ORDER BY d.sequence, d.position LIMIT 1
  ) d ON true`;

/**
 * Extends the lease, and reads the status, the holds and the oldest pending delivery in the same moment.
 *
 * @returns null where the lease is lost or the integration gone
 */
export async function nextDelivery(
  db: Queryable,
  integrationId: string,
  leaseNumber: number,
  leaseMs: number,
): Promise<DrainStep | null> {
  const { rows } = await db.query<Row>(nextSql, [integrationId, leaseNumber, leaseMs]);
  const [row] = rows;
  if (row === undefined) return null;
  const { status, held, userId, provider, handler, destinationUrl, parameters, credentials } = row;
  const integration = { status, held, userId, provider, handler, destinationUrl, parameters };
  const delivery = row.delivery_id === null ? null : deliveryOf(row, row.delivery_id);
  return { ...integration, credentials, delivery };
}

const deliveryOf = (row: Row, id: string): PendingDelivery => ({
  id,
  sequence: row.sequence,
  eventType: row.event_type,
  headers: row.headers,
  body: row.body,
  attempts: row.attempts,
  attemptsBefore: row.attempts_before,
  receivedAt: row.received_at,
  nextAttemptAt: row.next_attempt_at,
  due: row.due,
});
