import { type PageKey, pageKeySql, type PageRequest, pageTimeSql } from '../pagination';
import type { Queryable } from '../pool';

/** What is recorded with whoever did it. */
export const auditActions = [
  'token.read',
  'token.rejected',
  'tokens.put',
  'webhook_secret.created',
  'webhook_secret.retired',
  'destination_secret.created',
  'destination_secret.retired',
  'destination.changed',
  'credential.confirmed',
  'credential.invalidated',
  'credential.reauthorized',
  'integration.created',
  'integration.changed',
  'integration.enabled',
  'integration.disabled',
  'integration.deleted',
  'user.deleted',
  'session.created',
  'session.ended',
  'hold.set',
  'hold.lifted',
  'replay.started',
  'replay.cancelled',
  'key.created',
  'key.revoked',
] as const;
export type AuditAction = (typeof auditActions)[number];

interface Recorded {
  actorKind: 'key' | 'person' | 'operator';
  /** Of a key its name, of a person the keyed hash of their id as text. */
  actorName: string;
  action: AuditAction;
  /** `integration:<hash>`, `user:<hash>`, `key:<id>`, `session:<id>`; null where it is everybody. */
  subject: string | null;
  sourceAddress: string | null;
  requestId: string | null;
}

export interface NewAuditRow extends Recorded {
  id: string;
  /** Of a key; null of one of `HOLDFAST_API_KEYS`. */
  actorId: string | null;
  integrationHash: Buffer | null;
}

export interface AuditRow extends Recorded, PageKey {
  at: Date;
}

export interface AuditFilter {
  /** Names, or the id of a key, without repeats: one of them. */
  actors: readonly string[] | null;
  action: AuditAction | null;
  integrationHash: Buffer | null;
  /** Unix time in microseconds as digits; `from` is in the range, `to` isn't. */
  fromMicros: string | null;
  toMicros: string | null;
}

export async function insertAudit(db: Queryable, row: NewAuditRow): Promise<void> {
  await db.query(
    `INSERT INTO audit (id, actor_kind, actor_name, actor_id, action, subject, integration_hash,
                        source_address, request_id)
     VALUES ($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::bytea, $8::text, $9::text)`,
    [
      ...[row.id, row.actorKind, row.actorName, row.actorId, row.action, row.subject],
      ...[row.integrationHash, row.sourceAddress, row.requestId],
    ],
  );
}

/** SQL: the newest rows that an actor's condition and the other filters let through, from an index in its order. */
const pageSql = (ofActor: string) => `
  (SELECT id, at, actor_kind AS "actorKind", actor_name AS "actorName", action, subject,
          source_address AS "sourceAddress", request_id AS "requestId", ${pageKeySql('at')}
   FROM audit
   WHERE ${ofActor}
     AND ($2::text IS NULL OR action = $2::text)
     AND ($3::bytea IS NULL OR integration_hash = $3::bytea)
     AND ($4::text IS NULL OR at >= ${pageTimeSql('$4')})
     AND ($5::text IS NULL OR at < ${pageTimeSql('$5')})
     AND ($6::text IS NULL OR (at, id) < (${pageTimeSql('$6')}, $7::text))
   ORDER BY at DESC, id DESC LIMIT $8::int)`;

const everybodysSql = pageSql('$1::text[] IS NULL');
// An index for each way to name an actor: an OR of them would read all rows of each.
const actorsSql = `
  SELECT page.* FROM unnest($1::text[]) actor (named) CROSS JOIN LATERAL (
    ${pageSql('actor_name = actor.named')}
    UNION ALL
    ${pageSql('actor_id = actor.named AND actor_name <> ALL ($1::text[])')}
  ) page
  ORDER BY at DESC, id DESC LIMIT $8::int`;

/** Newest first. */
export async function listAudit(
  db: Queryable,
  { actors, action, integrationHash, fromMicros, toMicros }: AuditFilter,
  { limit, after }: PageRequest,
): Promise<AuditRow[]> {
  const { rows } = await db.query<AuditRow>(actors === null ? everybodysSql : actorsSql, [
    ...[actors, action, integrationHash, fromMicros, toMicros],
    ...[after?.atMicros ?? null, after?.id ?? null, limit + 1],
  ]);
  return rows;
}
