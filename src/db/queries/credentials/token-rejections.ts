import type { Queryable } from '../../pool';

/** The credential that the provider's API refused, at the version that it was shown. */
export interface RejectedToken {
  id: string;
  version: number;
}

/**
 * One more token rejection that no refresh helps against. The credential is degraded: others may try it again after
 * `delayMs`, and the probe too.
 *
 * @param rejection.isFirst a streak begins with it; else it goes on
 */
export async function storeTokenRejection(
  db: Queryable,
  rejection: RejectedToken & {
    isFirst: boolean;
    delayMs: number;
    code: 'access_refused' | 'probe_refused';
  },
): Promise<void> {
  await db.query(
    `UPDATE credentials
     SET state = 'degraded', code = $5::text,
         refused_since = CASE WHEN $3::boolean THEN now() ELSE coalesce(refused_since, now()) END,
         refusals = CASE WHEN $3::boolean THEN 1 ELSE refusals + 1 END,
         refused_at = now(), refused_until = now() + $4::float8 * interval '1 millisecond',
         probe_at = CASE WHEN probe_at IS NOT NULL
                         THEN now() + $4::float8 * interval '1 millisecond' END,
         degraded_since = coalesce(degraded_since, now()), last_failure_at = now(),
         updated_at = now()
     WHERE id = $1::text AND version = $2::int AND credential_is_usable(state)`,
    [rejection.id, rejection.version, rejection.isFirst, rejection.delayMs, rejection.code],
  );
}

/** The API took that version: a streak of token rejections has ended. A failed refresh is waited out all the same. */
export async function clearTokenRejections(
  db: Queryable,
  { id, version }: RejectedToken,
): Promise<void> {
  await db.query(
    `UPDATE credentials
     SET state = CASE WHEN retry_at IS NULL THEN 'alive' ELSE state END,
         code = CASE WHEN retry_at IS NULL THEN NULL ELSE code END,
         degraded_since = CASE WHEN retry_at IS NULL THEN NULL ELSE degraded_since END,
         refused_since = NULL, refused_at = NULL, refused_until = NULL, refusals = 0,
         last_success_at = now(), updated_at = now()
     WHERE id = $1::text AND version = $2::int AND state = 'degraded' AND refused_since IS NOT NULL`,
    [id, version],
  );
}
