import type { SweepMark } from '../../workflows/contract/messages';
import type { Envelope } from '../../src/crypto/envelope';
import { endAppFaults } from '../../src/db/queries/credentials/app-faults';
import type { KeepLimits } from '../../src/db/queries/deliveries/accept';
import { endFullness } from '../../src/db/queries/notifications/incidents';
import { isComparisonDue, noteSweep } from '../../src/db/queries/sweep/state';
import { messageOf } from '../../src/lib/errors';
import type { WorkerMetrics } from '../../src/metrics/worker';
import type { SweepResult } from '../../src/metrics/worker-words';
import type { Registry } from '../../src/providers/registry';
import { endExpiredConfirmations } from '../../src/retention/unconfirmed';
import { signalPaced } from '../../src/temporal/paced-signals';
import { afterAllKinds, type SweepProgress } from './cursor';
import { createDeleteHistories, type HistoriesDeps } from './delete-histories';
import { createLookAtFailing, type FailingDestinationDeps } from './failing-destinations';
import { createHeal, type HealDeps } from './heal';

export interface ClearUpDeps extends HistoriesDeps, KeepLimits, FailingDestinationDeps, HealDeps {
  actors: HistoriesDeps['actors'] & HealDeps['actors'];
  registry: Registry;
  /** Opens what waited for its confirmation too long. */
  envelope: Envelope;
  /** Begins a comparison of what lists show with the rows, unless one is running. */
  startComparison: () => Promise<void>;
  /** Undefined where nothing is measured. */
  metrics?: Pick<WorkerMetrics, 'swept' | 'healed'> | undefined;
}

/**
 * The end of a sweep: after deletions, full inboxes, failing destinations, what nobody confirmed, and actors that can't go on. What
 * fails of it is left to the next sweep.
 */
export function createClearUp(deps: ClearUpDeps) {
  const { pool, log, metrics } = deps;
  const deleteHistories = createDeleteHistories(deps);
  const lookAtFailing = createLookAtFailing(deps);
  const heal = createHeal(deps);

  /** @param isFirst whether this sweep has not cleared up before, and gone on with histories */
  return async function clearUp(
    seen: SweepMark | null,
    result: SweepResult,
    isFirst: boolean,
  ): Promise<SweepProgress> {
    await endFullness(pool, deps).catch((error: unknown) => {
      log.warn(
        { event: 'sweep.full_inboxes_unread', err: messageOf(error) },
        'The sweep could not look at full inboxes',
      );
    });
    await endAppFaults(pool).then(
      (ended) =>
        ended.forEach((fault) =>
          log.info(
            { event: 'application_fault.ended', ...fault },
            'A provider accepts this application again',
          ),
        ),
      (error: unknown) =>
        log.warn(
          { event: 'sweep.application_faults_unread', err: messageOf(error) },
          'The sweep could not look at application faults',
        ),
    );
    await lookAtFailing();
    await revokeUnconfirmed().catch((error: unknown) => {
      log.warn(
        { event: 'sweep.confirmations_left', err: messageOf(error) },
        'Late confirmations could not be ended',
      );
    });
    // First: histories may take any number of steps, and nobody waits for them.
    if (isFirst) await heal();
    const { more } = await deleteHistories();
    if (more) return { cursor: afterAllKinds(result) };
    let end = result;
    const noted = await noteSweep(pool, seen, result === 'completed').catch((error: unknown) => {
      log.warn(
        { event: 'sweep.end_not_stored', err: messageOf(error) },
        'The end of a sweep could not be stored',
      );
      end = 'failed';
      return null;
    });
    if (noted === null && end === 'completed') end = 'incomplete';
    metrics?.swept(end);
    // Where that can't be read, nor could anything else.
    if (await isComparisonDue(pool).catch(() => false)) await deps.startComparison();
    return { cursor: null, mark: noted ?? seen };
  };

  async function revokeUnconfirmed(): Promise<void> {
    const ids = await endExpiredConfirmations(deps);
    if (ids.length === 0) return;
    log.info(
      { event: 'confirmation.expired', count: ids.length },
      'Tokens that nobody confirmed are revoked',
    );
    // Whom this doesn't reach the next sweep signals.
    await signalPaced(ids, (id) => deps.actors.credentialDeleted(id));
  }
}
