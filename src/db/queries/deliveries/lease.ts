import type {
  CredentialState,
  FailingDestination,
  IntegrationStatus,
} from '../../../../workflows/contract/status';
import type { Handling, WhenTokenUnavailable } from '../../../deliveries/handling';
import type { OfIntegration } from '../../../handler-api';
import type { Queryable } from '../../pool';
import { type DrainOwner, ownerSql } from './drain-owner';
import { handlingSql } from '../integrations/handling';
import { failingOf, failingSql } from './failing-destinations';

type LeaseAttempt =
  /** The fencing token rises with every lease: what an older one still writes is not taken. */
  | ({ kind: 'taken' } & TakenLease)
  /** Another drain holds it; a successor starts nothing earlier than this. */
  | { kind: 'busy'; until: Date; waitMs: number }
  | { kind: 'gone' };

type TakenLease = DrainOwner & { fencingToken: number; failing: FailingDestination | null };

/** Takes the right to drain an integration's inbox, for `leaseMs` from the database's now. */
export async function takeLease(
  db: Queryable,
  integrationId: string,
  leaseMs: number,
): Promise<LeaseAttempt> {
  const { rows } = await db.query<TakenLease>({
    name: 'take-lease',
    text: `WITH lease AS (
       INSERT INTO drain_leases AS l (integration_id, number, until)
       SELECT id, 1, now() + $2::float8 * interval '1 millisecond' FROM integrations WHERE id = $1::text
       ON CONFLICT (integration_id)
         DO UPDATE SET number = l.number + 1, until = excluded.until, put_off_until = NULL
       WHERE l.until <= now()
       RETURNING integration_id, number
     )
     SELECT lease.number AS "fencingToken", ${failingSql('f')} AS failing, ${ownerSql}
     FROM lease JOIN integrations i ON i.id = lease.integration_id
     LEFT JOIN failing_destinations f ON f.integration_id = i.id`,
    values: [integrationId, leaseMs],
  });
  if (rows[0] !== undefined)
    return { kind: 'taken', ...rows[0], failing: failingOf(rows[0].failing) };
  // One that was released meanwhile has no time any more: it is tried again soon.
  const held = await db.query<{ until: Date; waitMs: number }>(
    `SELECT greatest(until, now()) AS until, ${msUntilSql('greatest(until, now())')} AS "waitMs"
     FROM drain_leases WHERE integration_id = $1::text`,
    [integrationId],
  );
  return held.rows[0] === undefined ? { kind: 'gone' } : { kind: 'busy', ...held.rows[0] };
}

/** Lets the next drain start at once. The fencing token stays: it must never come again. */
export async function releaseLease(
  db: Queryable,
  integrationId: string,
  fencingToken: number,
): Promise<void> {
  await db.query(
    // Not now(): a renewal that waits behind this one compares with its own, older now().
    `UPDATE drain_leases SET until = '-infinity' WHERE integration_id = $1::text AND number = $2::bigint
     AND until > now()`,
    [integrationId, fencingToken],
  );
}

/** A pending delivery, with what its attempt needs. */
export interface PendingDelivery {
  id: string;
  sequence: number;
  eventType: string | null;
  /** JSON text: [[name, value], …]. */
  headers: string;
  bodyBytes: number;
  /** Null where it would take more, with its headers, than its look had room for: `readBody` reads it. */
  body: Buffer | null;
  attempts: number;
  /** How many of them belong to an earlier chance. */
  attemptsBefore: number;
  /** What the present chance has used up of its time: its attempts and the backoff that was ordered after them. */
  usedMs: number;
  receivedAt: Date;
  /** How long ago; null at a new chance. `parked`: its integration wasn't ENABLED since, or was held then. */
  ageMs: number | null;
  parked: boolean;
  /** Whether it was tried, or is waiting to be. */
  waited: boolean;
  /** Of the span that it was accepted in, where that was sampled. */
  traceparent: string | null;
}

export interface DrainCredential {
  name: string;
  id: string;
  version: number;
  state: CredentialState;
  accountId: string | null;
  expiresAt: string | null;
  hasRefreshToken: boolean;
  /** The application keeps its tokens. */
  external: boolean;
  /** What fills the placeholders of the provider's addresses for it; null also of what is forwarded. */
  parameters: Record<string, string> | null;
  /** The provider's API has been rejecting its token lately. */
  tokenRejected: boolean;
}

/** The integration as it is in this moment. */
export interface DrainStep extends OfIntegration {
  status: IntegrationStatus;
  held: boolean;
  userId: string;
  provider: string;
  handler: string;
  handling: Handling;
  destinationUrl: string | null;
  whenTokenUnavailable: WhenTokenUnavailable;
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
export const leaseSql = (integrationId: string, fencingToken: string, ms: string) => `
  lease AS (
    UPDATE drain_leases SET until = now() + ${ms}::float8 * interval '1 millisecond'
    WHERE integration_id = ${integrationId}::text AND number = ${fencingToken}::bigint AND until > now()
    RETURNING integration_id
  )`;

/** Null where an integration `i` forwards, which has no use for what may be large. */
const ifHandled = (field: string) => `CASE WHEN i.handler <> 'forward' THEN ${field} END`;
/**
 * What decides whether something may be handled, in the moment in which the `lease` is extended: no row where it is lost
 * or the integration gone.
 *
 * @param pick SQL of at most one row of `deliveries`, of the integration `i`
 * @param waitMs SQL of what a step's `waitMs` is
 * @param due SQL of whether the picked one, `d`, may be tried now
 * @param alongBytes SQL of how large a body and its headers may be for the body to come along
 */
export const stepSql = (pick: string, waitMs: string, due: string, alongBytes: string) => `
  SELECT i.status, i.user_id AS "userId", i.name, coalesce(${ifHandled('i.metadata')}, '{}') AS metadata,
         coalesce(${ifHandled('i.parameters')}, '{}') AS parameters, i.provider, i.handler, ${handlingSql('i')} AS handling,
         i.destination_url AS "destinationUrl", coalesce(i.when_token_unavailable, 'wait') AS "whenTokenUnavailable",
         EXISTS (SELECT FROM holds h WHERE h.user_id IN ('', i.user_id)) AS held, coalesce(c.credentials, '[]') AS credentials,
         CASE WHEN ${due} THEN d.id END AS "deliveryId", ${waitMs} AS "waitMs", d.sequence,
         d.event_type AS "eventType", d.headers, d.traceparent, octet_length(d.body) AS "bodyBytes",
         CASE WHEN octet_length(d.body) + octet_length(d.headers) <= ${alongBytes}::int THEN d.body END AS body,
         d.attempts, d.attempts_before AS "attemptsBefore", d.received_at AS "receivedAt",
         CASE WHEN d.requeued_at IS NULL THEN -${msUntilSql('d.received_at')} END AS "ageMs",
         d.outcome = 'parked' OR d.received_at < i.status_since AS parked, d.next_attempt_at IS NOT NULL AS waited,
         CASE WHEN d.attempts > d.attempts_before THEN (
           SELECT coalesce(sum(a.duration_ms::bigint + coalesce(a.delay_ms, 0)), 0)::float8 FROM delivery_attempts a
           WHERE a.delivery_id = d.id AND a.number > d.attempts_before) ELSE 0 END AS "usedMs"
  FROM lease
  JOIN integrations i ON i.id = lease.integration_id AND i.deleted_at IS NULL
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('name', l.name, 'id', k.id, 'version', k.version,
                    'state', k.state, 'accountId', k.account_id, 'expiresAt', k.expires_at,
                    'hasRefreshToken', k.refresh_token IS NOT NULL, 'external', k.external,
                    'parameters', ${ifHandled('coalesce(k.parameters, i.parameters)')},
                    'tokenRejected', k.refused_since IS NOT NULL) ORDER BY l.name) AS credentials
    FROM integration_credentials l JOIN credentials k ON k.id = l.credential_id WHERE l.integration_id = i.id
  ) c
  LEFT JOIN LATERAL (${pick}) d ON true`;

export function stepOf(row: StepRow | undefined): DrainStep | null {
  if (row === undefined) return null;
  const { deliveryId, sequence, eventType, headers, bodyBytes, body, receivedAt, ...rest } = row;
  const { attempts, attemptsBefore, usedMs, waited, waitMs, ageMs, parked, ...others } = rest;
  const { traceparent, ...integration } = others;
  if (deliveryId === null) return { ...integration, delivery: null, waitMs };
  const sent = { sequence, eventType, headers, bodyBytes, body, receivedAt, ageMs, parked };
  const tried = { attempts, attemptsBefore, usedMs, waited, traceparent };
  return { ...integration, delivery: { id: deliveryId, ...sent, ...tried }, waitMs: null };
}
