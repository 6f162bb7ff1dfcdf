import type { Queryable } from '../../pool';

/**
 * Drops the notifications of deaths that can't have arrived and whose recovery is in the outbox too, and with each the
 * recovery's; also the recovery's of a death that ended without having been delivered. An attempt that is under way is
 * waited for: the row's lock decides between its claim and this.
 *
 * @returns the transitions whose recoveries are not told
 */
export async function skipRecovered(db: Queryable, stream: string): Promise<number[]> {
  const { rows } = await db.query<{ transition: number }>(
    `WITH skipped AS (
       UPDATE notices d SET ended_at = now(), outcome = 'skipped', reconnect_code = NULL
       WHERE d.stream = $1::text AND d.ended_at IS NULL AND d.type = 'integration.error'
         AND NOT d.may_have_arrived AND d.claimed_until IS NULL
         AND EXISTS (SELECT FROM notices r
                     WHERE r.integration_id = d.integration_id AND r.transition = d.transition + 1
                       AND r.type = 'integration.recovered' AND r.ended_at IS NULL)
       RETURNING d.integration_id, d.transition
     )
     UPDATE notices r SET ended_at = now(), outcome = 'skipped', reconnect_code = NULL
     WHERE r.stream = $1::text AND r.ended_at IS NULL AND r.type = 'integration.recovered'
       AND NOT r.may_have_arrived AND r.claimed_until IS NULL
       AND (EXISTS (SELECT FROM skipped s WHERE s.integration_id = r.integration_id
                      AND s.transition = r.transition - 1)
            OR EXISTS (SELECT FROM notices d
                       WHERE d.integration_id = r.integration_id AND d.transition = r.transition - 1
                         AND d.type = 'integration.error' AND d.outcome <> 'delivered'
                         AND NOT d.may_have_arrived))
     RETURNING r.transition`,
    [stream],
  );
  return rows.map(({ transition }) => transition);
}
