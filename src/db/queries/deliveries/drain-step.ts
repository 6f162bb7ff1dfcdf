import type { CredentialState, IntegrationStatus } from '../../../../workflows/contract/status';
import type { Handling } from '../../../deliveries/handling';
import { handlingSql } from '../integrations/handling';

/** A pending delivery, with what its attempt needs. */
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
  /** What the present chance has used up of its time: its attempts and the pauses that were ordered after them. */
  usedMs: number;
  receivedAt: Date;
  /** Whether it was tried, or is waiting to be. */
  waited: boolean;
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
  handling: Handling;
  destinationUrl: string | null;
  /** What fills the placeholders of the provider's addresses. */
  parameters: Record<string, string>;
  credentials: DrainCredential[];
  /** What is next, if it may be tried now. */
  delivery: PendingDelivery | null;
  /** Milliseconds until one may be tried, where none may now; null where none waits. */
  waitMs: number | null;
}

export interface StepRow extends Omit<DrainStep, 'delivery'>, Omit<PendingDelivery, 'id'> {
  deliveryId: string | null;
}

export const msUntilSql = (time: string) => `(extract(epoch FROM ${time} - now()) * 1000)::float8`;

/** Extends the lease, if it is still held: a common table expression, of one row at most. */
export const leaseSql = (integrationId: string, number: string, ms: string) => `
  lease AS (
    UPDATE drain_leases SET until = now() + ${ms}::float8 * interval '1 millisecond'
    WHERE integration_id = ${integrationId}::text AND number = ${number}::bigint AND until > now()
    RETURNING integration_id
  )`;

/**
 * What decides whether something may be handled, in the moment in which the `lease` is extended: no row where it is lost
 * or the integration gone.
 *
 * @param pick SQL of at most one row of `deliveries`, of the integration `i`
 * @param waitMs SQL of what a step's `waitMs` is
 * @param due SQL of whether the picked one, `d`, may be tried now
 */
export const stepSql = (pick: string, waitMs: string, due: string) => `
  SELECT i.status, i.user_id AS "userId", i.provider, i.handler, ${handlingSql('i')} AS handling,
         i.destination_url AS "destinationUrl", coalesce(i.parameters, '{}') AS parameters,
         EXISTS (SELECT FROM holds h WHERE h.user_id IN ('', i.user_id)) AS held,
         coalesce(c.credentials, '[]') AS credentials,
         CASE WHEN ${due} THEN d.id END AS "deliveryId", ${waitMs} AS "waitMs", d.sequence,
         d.event_type AS "eventType", d.headers, d.body, d.attempts,
         d.attempts_before AS "attemptsBefore", d.received_at AS "receivedAt",
         d.next_attempt_at IS NOT NULL AS waited,
         CASE WHEN d.attempts > d.attempts_before THEN (
           SELECT coalesce(sum(a.duration_ms::bigint + coalesce(a.delay_ms, 0)), 0)::float8
           FROM delivery_attempts a WHERE a.delivery_id = d.id AND a.number > d.attempts_before
         ) ELSE 0 END AS "usedMs"
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
  LEFT JOIN LATERAL (${pick}) d ON true`;

export function stepOf(row: StepRow | undefined): DrainStep | null {
  if (row === undefined) return null;
  const { deliveryId, sequence, eventType, headers, body, receivedAt, ...rest } = row;
  const { attempts, attemptsBefore, usedMs, waited, waitMs, ...integration } = rest;
  if (deliveryId === null) return { ...integration, delivery: null, waitMs };
  const sent = { sequence, eventType, headers, body, receivedAt };
  const tried = { attempts, attemptsBefore, usedMs, waited };
  return { ...integration, delivery: { id: deliveryId, ...sent, ...tried }, waitMs: null };
}
