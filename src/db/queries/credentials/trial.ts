/** Dead tokens that an operator has asked to be tried once more: nothing is alive again before its provider says so. */
import { longestTrialPauseMs, trialMs } from '../../../credentials/policy';
import type { Queryable } from '../../pool';

interface Trial {
  id: string;
  /** The version that is tried; where it has moved on, nothing is written. */
  version: number;
}

export interface TrialAsk {
  integrationId: string;
  credentialIds: readonly string[] | 'all';
  /** Should they be alive again, the integration is no longer switched off. */
  resume: boolean;
  pauseMs: number;
}

/**
 * An operator's word: dead tokens are tried once more, for `trialMs`, and no sooner than `pauseMs` after the last try.
 * Tokens that the application keeps are none of these: there is nobody to ask about them.
 *
 * @returns the credentials whose actors have something to do
 */
export async function askForTrials(db: Queryable, ask: TrialAsk): Promise<Trial[]> {
  const { rows } = await db.query<Trial>(
    `WITH asked AS (
       UPDATE credentials
       SET trial_until = now() + $5::float8 * interval '1 millisecond',
           trial_at = greatest(now(), tried_at + $3::float8 * interval '1 millisecond')
       WHERE state = 'dead' AND NOT external AND ($2::text[] IS NULL OR id = ANY ($2::text[]))
         AND id IN (
           SELECT credential_id FROM integration_credentials WHERE integration_id = $1::text)
       RETURNING id, version
     ), resumed AS (
       UPDATE integration_credentials l SET resume_on_trial = true FROM asked
       WHERE $4::boolean AND l.integration_id = $1::text AND l.credential_id = asked.id
     )
     SELECT id, version FROM asked`,
    [
      ask.integrationId,
      ask.credentialIds === 'all' ? null : ask.credentialIds,
      ask.pauseMs,
      ask.resume,
      trialMs,
    ],
  );
  return rows;
}

/** Its time has passed, and it was tried: whoever began a try and never said what came of it must not go on for ever. */
const isOverSql = (ms: string) =>
  `coalesce(trial_until <= now() AND tried_at >= trial_until - ${ms}::float8 * interval '1 millisecond', false)`;

/** Of `tried`: what the operator asked for beside it ends with a trial. */
const dropResumeSql = `
  UPDATE integration_credentials l SET resume_on_trial = false FROM tried
  WHERE l.credential_id = tried.id AND tried.trial_at IS NULL AND l.resume_on_trial`;

export type TrialStart =
  | { kind: 'begun' }
  /** Somebody has the refresh token to himself until then. */
  | { kind: 'waits'; until: Date }
  /** None is due, or it has been begun elsewhere. */
  | { kind: 'none' };

/** Begins a try: by compare-and-set, and with the next one's time, so that not even a crash makes two of it. */
export async function beginTrial(
  db: Queryable,
  trial: Trial & { pauseMs: number },
): Promise<TrialStart> {
  const begun = await db.query(
    `UPDATE credentials
     SET tried_at = now(), trial_at = now() + $3::float8 * interval '1 millisecond'
     WHERE id = $1::text AND version = $2::int AND state = 'dead' AND trial_at <= now()
       AND coalesce(presenting_until <= now(), true) AND NOT ${isOverSql('$4')}`,
    [trial.id, trial.version, trial.pauseMs, trialMs],
  );
  if (begun.rowCount === 1) return { kind: 'begun' };
  await db.query(
    `WITH tried AS (
       UPDATE credentials SET trial_until = NULL, trial_at = NULL
       WHERE id = $1::text AND version = $2::int AND state = 'dead' AND trial_at <= now()
         AND ${isOverSql('$3')}
       RETURNING id, trial_at
     ) ${dropResumeSql}`,
    [trial.id, trial.version, trialMs],
  );
  const { rows } = await db.query<{ until: Date }>(
    `SELECT presenting_until AS until FROM credentials
     WHERE id = $1::text AND version = $2::int AND state = 'dead' AND trial_at <= now()
       AND presenting_until > now()`,
    [trial.id, trial.version],
  );
  return rows[0] === undefined ? { kind: 'none' } : { kind: 'waits', until: rows[0].until };
}

/** The provider accepts the tokens. */
export async function passTrial(db: Queryable, { id, version }: Trial): Promise<void> {
  await db.query(
    `UPDATE credentials
     SET state = 'alive', code = NULL, failures = 0, retry_at = NULL, degraded_since = NULL,
         refused_since = NULL, refused_at = NULL, refused_until = NULL, refusals = 0,
         refresh_rejected_since = NULL, forced_version = NULL, forced_count = 0,
         forced_since = NULL, trial_until = NULL, trial_at = NULL, trial_refused_at = NULL,
         verified_at = now(), last_success_at = now(), updated_at = now()
     WHERE id = $1::text AND version = $2::int AND state = 'dead' AND trial_at IS NOT NULL
       AND presenting_attempt IS NULL`,
    [id, version],
  );
}

/**
 * Ends a trial; the credential stays dead.
 *
 * @param end.attempt who showed the refresh token; null where that wasn't shown
 * @param end.refused by the provider; else there was nothing to ask it
 */
export async function endTrial(
  db: Queryable,
  end: Trial & { attempt: string | null; refused: boolean },
): Promise<void> {
  await db.query(
    `WITH tried AS (
       UPDATE credentials
       SET trial_until = NULL, trial_at = NULL,
           trial_refused_at = CASE WHEN $4::boolean THEN now() ELSE trial_refused_at END,
           presenting_version = NULL, presenting_attempt = NULL, presenting_until = NULL
       WHERE id = $1::text AND version = $2::int AND state = 'dead'
         AND presenting_attempt IS NOT DISTINCT FROM $3::text
       RETURNING id, trial_at
     ) ${dropResumeSql}`,
    [end.id, end.version, end.attempt, end.refused],
  );
}

/**
 * Nobody knows yet: the next try waits for as long as the trial has lasted, `longestTrialPauseMs` at most,
 * never less than `pauseMs` or what the provider asked for. One that would come after `trialMs` is not made.
 *
 * @param failure.attempt who showed the refresh token; null where that wasn't shown
 * @param failure.unanswered the refresh token was sent and not answered
 */
export async function postponeTrial(
  db: Queryable,
  failure: Trial & {
    attempt: string | null;
    pauseMs: number;
    retryAfterMs: number | undefined;
    unanswered: boolean;
  },
): Promise<void> {
  await db.query(
    `WITH next AS (
       SELECT id, now() + greatest(
                $4::float8 * interval '1 millisecond', $5::float8 * interval '1 millisecond',
                least($7::float8 * interval '1 millisecond' - (trial_until - now()),
                      $8::float8 * interval '1 millisecond') * (0.8 + 0.2 * random())) AS at
       FROM credentials WHERE id = $1::text
     ), tried AS (
       UPDATE credentials k
       SET trial_at = CASE WHEN next.at <= trial_until THEN next.at END,
           trial_until = CASE WHEN next.at <= trial_until THEN trial_until END,
           unanswered_version = CASE WHEN $6::boolean THEN version ELSE unanswered_version END,
           presenting_version = NULL, presenting_attempt = NULL, presenting_until = NULL
       FROM next
       WHERE k.id = next.id AND version = $2::int AND state = 'dead'
         AND presenting_attempt IS NOT DISTINCT FROM $3::text
       RETURNING k.id, k.trial_at
     ) ${dropResumeSql}`,
    [
      failure.id,
      failure.version,
      failure.attempt,
      failure.pauseMs,
      failure.retryAfterMs ?? 0,
      failure.unanswered,
      trialMs,
      longestTrialPauseMs,
    ],
  );
}
