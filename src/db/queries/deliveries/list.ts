import { type PageKey, type PageRequest, pageKeySql, pageTimeSql } from '../../pagination';
import type { Queryable } from '../../pool';

export const deliveryStates = ['pending', 'handled', 'failed', 'discarded', 'expired'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** A delivery without what was sent. */
export interface DeliveryRow extends PageKey {
  integrationId: string;
  state: DeliveryState;
  outcome: 'accepted' | 'parked' | 'discarded';
  eventType: string | null;
  dedupeKey: string | null;
  receivedAt: Date;
  handledAt: Date | null;
  attempts: number;
  nextAttemptAt: Date | null;
  error: string | null;
}

const columns = `d.id, ${pageKeySql('d.received_at')}, d.integration_id AS "integrationId", d.state,
  d.outcome, d.event_type AS "eventType", d.dedupe_key AS "dedupeKey",
  d.received_at AS "receivedAt", d.handled_at AS "handledAt", d.attempts,
  d.next_attempt_at AS "nextAttemptAt", d.error`;

/**
 * Newest first: each state's newest, from the one index on them, and of those the newest.
 *
 * @returns one row more than the limit where there is another page
 */
export async function listDeliveries(
  db: Queryable,
  { integrationId, state }: { integrationId: string; state?: DeliveryState | undefined },
  { limit, after }: PageRequest,
): Promise<DeliveryRow[]> {
  const { rows } = await db.query<DeliveryRow>(
    `SELECT ${columns} FROM unnest($2::text[]) AS s (state) CROSS JOIN LATERAL (
       SELECT * FROM deliveries d WHERE d.integration_id = $1::text AND d.state = s.state
         AND ($3::bigint IS NULL OR (d.received_at, d.id) < (${pageTimeSql('$3')}, $4::text))
       ORDER BY d.received_at DESC, d.id DESC LIMIT $5::int
     ) d
     ORDER BY d.received_at DESC, d.id DESC LIMIT $5::int`,
    [
      integrationId,
      state === undefined ? deliveryStates : [state],
      after?.atMicros ?? null,
      after?.id ?? null,
      limit + 1,
    ],
  );
  return rows;
}

export interface AttemptRow {
  number: number;
  at: Date;
  durationMs: number;
  status: number | null;
  error: string | null;
  answer: string | null;
}

/** With what was sent, and what was tried. */
export interface WholeDeliveryRow extends DeliveryRow {
  /** As `keptHeaders` wrote them; empty where they and the body were dropped. */
  headers: string;
  body: Buffer;
  provider: string;
  /** In their order. */
  attemptRows: AttemptRow[];
}

/** In one statement: of an attempt that ends meanwhile, either both the row and the delivery's state are seen, or neither. */
export async function readDelivery(
  db: Queryable,
  id: string,
): Promise<WholeDeliveryRow | undefined> {
  type Json = Omit<AttemptRow, 'at'> & { at: string };
  const { rows } = await db.query<Omit<WholeDeliveryRow, 'attemptRows'> & { attemptRows: Json[] }>(
    `SELECT ${columns}, d.headers, d.body, i.provider, (
       SELECT coalesce(json_agg(json_build_object('number', a.number, 'at', a.at,
         'durationMs', a.duration_ms, 'status', a.status, 'error', a.error, 'answer', a.answer)
         ORDER BY a.number), '[]')
       FROM delivery_attempts a WHERE a.delivery_id = d.id
     ) AS "attemptRows"
     FROM deliveries d JOIN integrations i ON i.id = d.integration_id AND i.deleted_at IS NULL
     WHERE d.id = $1::text`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const attemptRows = row.attemptRows.map((attempt) => ({ ...attempt, at: new Date(attempt.at) }));
  return { ...row, attemptRows };
}
