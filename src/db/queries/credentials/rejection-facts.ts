import type { Queryable } from '../../pool';
import { sinceMs } from './row';

/** What a rejection is judged by; times are in milliseconds. */
export interface RejectionFacts {
  /** Since the refresh token was rejected first, without a success since; null where it never was. */
  rejectedForMs: number | null;
  /** What its last failure was; null where it had none. */
  lastCode: string | null;
  /** Since the access token ended, negative before; null where its end isn't known. */
  endedForMs: number | null;
  /**
   * Since the provider last accepted a refresh of another credential by the same client at the same address, counting
   * only what was before the attempt; null where it never did.
   */
  witnessedMs: number | null;
}

export interface RejectionAsked {
  id: string;
  /** Who was rejected where, as in `RefreshedTokens`. */
  client: string;
  /** For how long the attempt has claimed the refresh token; what was accepted since may be younger than its answer. */
  presentingMs: number;
}

/** @returns null where the credential is gone */
export async function readRejectionFacts(
  db: Queryable,
  { id, client, presentingMs }: RejectionAsked,
): Promise<RejectionFacts | null> {
  const { rows } = await db.query<RejectionFacts>(
    `SELECT ${sinceMs('k.refresh_rejected_since')} AS "rejectedForMs", k.code AS "lastCode",
            ${sinceMs('k.expires_at')} AS "endedForMs",
            (SELECT ${sinceMs('o.client_accepted_at')} FROM credentials o
              WHERE o.client = $2::text AND o.provider = k.provider AND o.id <> k.id
                AND o.client_accepted_at < k.presenting_until - $3::float8 * interval '1 millisecond'
              ORDER BY o.client_accepted_at DESC LIMIT 1) AS "witnessedMs"
     FROM credentials k WHERE k.id = $1::text`,
    [id, client, presentingMs],
  );
  return rows[0] ?? null;
}
