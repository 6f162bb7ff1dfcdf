import type { IntegrationStatus, TransitionCode } from '../../../../workflows/contract/status';
import { type PageKey, type PageRequest, pageKeySql } from '../../pagination';
import type { Queryable } from '../../pool';

/** Its `id` is its number, as text. */
export interface TransitionRow extends PageKey {
  number: number;
  from: IntegrationStatus | null;
  to: IntegrationStatus;
  code: TransitionCode;
  reason: string | null;
  by: string;
  credential: string | null;
  version: number | null;
  at: Date;
}

/** Newest first. @returns one row more than the limit where there is another page */
export async function listTransitions(
  db: Queryable,
  integrationId: string,
  { limit, after }: PageRequest,
): Promise<TransitionRow[]> {
  const { rows } = await db.query<TransitionRow>(
    `SELECT number::text AS id, ${pageKeySql('at')}, number, from_status AS "from", to_status AS "to", code, reason, by, credential, version,
            at
     FROM transitions
     WHERE integration_id = $1::text AND ($2::bigint IS NULL OR number < $2::bigint)
     ORDER BY number DESC LIMIT $3::int`,
    [integrationId, after?.id ?? null, limit + 1],
  );
  return rows;
}
