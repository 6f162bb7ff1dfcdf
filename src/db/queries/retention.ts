import type { Queryable } from '../pool';
import { bytesSql, subtractCtes } from './deliveries/stored-bytes';

interface Kind {
  /** When a row reached its end; an index has the oldest end first. */
  end: string;
  /** What else belongs to having ended. */
  and?: string;
  /** Where it isn't the retention time. */
  lifetimeHours?: number;
  /** Whether it is the audit's retention time. */
  isAudit?: true;
  /** Whether its bytes are those of an integration. */
  isCounted?: true;
}

/** Every table whose rows reach an end, other than by going at once. */
const kinds = {
  // Their attempts go with them, by the foreign key.
  deliveries: { end: 'ended_at', and: "state <> 'pending'", isCounted: true },
  // The newest of an integration has no end: it says why the status is what it is.
  transitions: { end: 'ended_at' },
  rejections: { end: 'at' },
  notices: { end: 'ended_at' },
  replays: { end: 'ended_at' },
  // Used or not, a state is worth nothing after its end; for that long it can be said why.
  oauth_states: { end: 'expires_at', lifetimeHours: 24 },
  sessions: { end: 'expires_at' },
  // Those whose tokens wait for a key: as long as a revocation is tried.
  confirmations: { end: 'expires_at', lifetimeHours: 72 },
  // For a day who comes too late is told so.
  reconnect_codes: { end: 'expires_at', lifetimeHours: 24 },
  webhook_signatures: { end: 'first_at' },
  rotated_refresh_tokens: { end: 'rotated_at', and: 'NOT given' },
  same_bodies: { end: 'until', lifetimeHours: 0 },
  // A key stands for its first answer for 24 hours, as is promised; after that a sealed answer is only a risk.
  idempotency_keys: { end: 'created_at', lifetimeHours: 24 },
  actor_restarts: { end: 'at', lifetimeHours: 72 },
  audit: { end: 'at', isAudit: true },
  // For as long as the audit says what was done with it.
  api_keys: { end: 'least(expires_at, revoked_at)', isAudit: true },
} satisfies Record<string, Kind>;

export type EndedKind = keyof typeof kinds;
export const endedKinds = Object.keys(kinds) as EndedKind[];

/**
 * Deletes some rows whose end is longer ago than the retention time, the oldest first. A row that somebody holds, such
 * as a delivery that is being sent again at the moment, is passed over: nobody waits for this, nor this for anybody.
 *
 * @returns how many are gone by this; fewer than the limit where there are no more for now
 */
export async function deleteEnded(
  db: Queryable,
  kind: EndedKind,
  {
    retentionDays,
    auditRetentionDays,
    limit,
  }: { retentionDays: number; auditRetentionDays: number; limit: number },
): Promise<number> {
  const { end, and = 'true', isAudit, isCounted, ...more }: Kind = kinds[kind];
  const days = isAudit === true ? auditRetentionDays : retentionDays;
  const { lifetimeHours = days * 24 } = more;
  const deletion = `DELETE FROM ${kind} WHERE ctid = ANY (ARRAY (SELECT ctid FROM ended))`;
  const { rowCount } = await db.query(
    `WITH ended AS MATERIALIZED (
       SELECT ctid FROM ${kind}
       WHERE ${end} < now() - $1::int * interval '1 hour' AND ${and}
       ORDER BY ${end} LIMIT $2::int FOR UPDATE SKIP LOCKED
     ) ${isCounted === true ? freeing(deletion) : deletion}`,
    [lifetimeHours, limit],
  );
  return rowCount ?? 0;
}

const freeing = (deletion: string) => `
  , freed AS (
    ${deletion} RETURNING integration_id, ${bytesSql('deliveries')} AS bytes
  ), ${subtractCtes}
  SELECT FROM freed`;
