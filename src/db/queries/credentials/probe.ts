import { streakGapMs } from '../../../credentials/policy';
import type { Queryable } from '../../pool';

interface Probed {
  id: string;
  /** The version whose token was shown. */
  version: number;
}

/**
 * @param delayMs until the provider is asked; null where it never is
 * @param wasScheduled what the caller has read; absent: whatever was scheduled is replaced
 */
export async function scheduleProbe(
  db: Queryable,
  { id, version }: Probed,
  delayMs: number | null,
  wasScheduled?: boolean,
): Promise<void> {
  await db.query(
    `UPDATE credentials SET probe_at = now() + $3::float8 * interval '1 millisecond'
     WHERE id = $1::text AND version = $2::int AND NOT external
       AND ($4::boolean IS NULL OR (probe_at IS NOT NULL) = $4::boolean)`,
    [id, version, delayMs, wasScheduled ?? null],
  );
}

/**
 * The provider took the token. A streak of token rejections that only a probe began, or that nobody has added to for a
 * while, ends with it; another one is about something else than the token's life.
 */
export async function storeProbed(
  db: Queryable,
  { id, version }: Probed,
  delayMs: number | null,
): Promise<void> {
  await db.query(
    `WITH over AS (
       SELECT id, retry_at IS NULL AND (refused_at <= now() - $4::float8 * interval '1 millisecond'
                                       OR code = 'probe_refused') AS ended
       FROM credentials WHERE id = $1::text
     )
     UPDATE credentials k
     SET probe_at = now() + $3::float8 * interval '1 millisecond', last_success_at = now(),
         verified_at = now(),
         state = CASE WHEN ended THEN 'alive' ELSE state END,
         code = CASE WHEN ended THEN NULL ELSE code END,
         degraded_since = CASE WHEN ended THEN NULL ELSE degraded_since END,
         refused_since = CASE WHEN ended THEN NULL ELSE refused_since END,
         refused_at = CASE WHEN ended THEN NULL ELSE refused_at END,
         updated_at = now()
     FROM over
     WHERE k.id = over.id AND version = $2::int AND credential_is_usable(state)`,
    [id, version, delayMs, streakGapMs],
  );
}
