import type { Envelope } from '../../src/crypto/envelope';
import type { Pool } from '../../src/db/pool';
import { endAppFaults } from '../../src/db/queries/credentials/app-faults';
import type { KeepLimits } from '../../src/db/queries/deliveries/accept';
import { endFullness } from '../../src/db/queries/notifications/incidents';
import { type Due, type DueKind, duePage } from '../../src/db/queries/sweep/due';
import { isComparisonDue, noteSweep } from '../../src/db/queries/sweep/state';
import { messageOf } from '../../src/lib/errors';
import { isAway, type Logger } from '../../src/lib/log';
import type { SweepResult, WorkerMetrics } from '../../src/metrics/worker';
import type { Registry } from '../../src/providers/registry';
import { endExpiredConfirmations } from '../../src/retention/unconfirmed';
import type { Actors } from '../../src/temporal/actors';
import { signalPaced } from '../../src/temporal/paced-signals';
import { afterAllKinds, readCursor, type SweepCursor, type Turns, writeCursor } from './cursor';
import { createLookAtFailing, type FailingDestinationDeps } from './failing-destinations';
import { createDeleteHistories, type HistoriesDeps } from './delete-histories';
import { createHeal, type HealDeps } from './heal';

export interface SweepDeps extends HistoriesDeps, KeepLimits, FailingDestinationDeps, HealDeps {
  pool: Pool;
  actors: HistoriesDeps['actors'] &
    Pick<Actors, 'lookAtIntegration' | 'lookAtCredential' | 'noticeWaiting' | 'replayWaiting'>;
  /** Compares what lists show with all rows, unless that is under way. It never throws. */
  startComparison(): Promise<void>;
  registry: Registry;
  /** Opens what waited for its confirmation too long. */
  envelope: Envelope;
  /** Undefined where nothing is measured. */
  metrics?: Pick<WorkerMetrics, 'swept' | 'sweepSignalled'> | undefined;
  log: Logger;
}

/** A page costs a look at everybody: a large one is signalled in small parts. */
const pageSize = 500;
/** How long one run of the activity goes on with another page. */
const shareMs = 10_000;

export interface SweepStep {
  all: boolean;
  cursor: SweepCursor | null;
}

/**
 * Signals those for whom something is due, a page of each kind in turn, for some seconds; at the end it clears up after
 * deletions, full inboxes, failing destinations and what nobody confirmed, and starts anew what can't go on. A lost signal is a delay for as long as a sweep
 * takes to come by, never a loss. A kind that can't be read is left to the next sweep; where everybody has to be signalled
 * there is no next one, and it is tried again.
 *
 * @returns where to go on; null at the end
 * @throws the database's error where everybody has to be signalled and nothing can be read any more
 */
export function createSweepInbox(deps: SweepDeps) {
  const { pool, log, registry, metrics } = deps;
  const probed = registry.names().filter((name) => registry.get(name)?.probe !== undefined);
  const deleteHistories = createDeleteHistories(deps);
  const lookAtFailing = createLookAtFailing(deps);
  const heal = createHeal(deps);

  return async function sweepInbox({ all, cursor }: SweepStep): Promise<{
    cursor: SweepCursor | null;
  }> {
    if (cursor === afterAllKinds) return clearUp();
    const startedAt = performance.now();
    const turns = readCursor(cursor);
    const unreadable: Turns = new Map();
    let isAnyRead = false;
    let fault: unknown;
    let isWhole = true;
    for (const [kind, after] of turns) {
      // Its next page, if there is one, comes at the end of the map, and so after a turn of all others.
      turns.delete(kind);
      try {
        const page = await duePage(pool, kind, { all, probed, after, limit: pageSize });
        await signalAll(kind, page.due);
        if (page.after !== null) turns.set(kind, page.after);
        isAnyRead = true;
      } catch (error) {
        // An outage has lines of its own, and lasts for any number of sweeps.
        log[isAway(log, 'postgres') ? 'debug' : 'error'](
          { event: 'sweep.read_failed', kind, err: messageOf(error) },
          'The sweep could not read what is due',
        );
        fault = error;
        isWhole = false;
        if (all) unreadable.set(kind, after);
      }
      if (performance.now() - startedAt > shareMs) break;
    }
    if (unreadable.size > 0 && !isAnyRead) {
      metrics?.swept('failed');
      throw fault;
    }
    const left: Turns = new Map([...turns, ...unreadable]);
    return left.size > 0
      ? { cursor: writeCursor(left) }
      : clearUp(isWhole ? 'completed' : 'incomplete');
  };

  async function clearUp(
    result: SweepResult = 'completed',
  ): Promise<{ cursor: SweepCursor | null }> {
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
    const { more } = await deleteHistories();
    if (more) return { cursor: afterAllKinds };
    await heal();
    const noted = noteSweep(pool).then(() => result);
    const ended = await noted.catch((error: unknown): SweepResult => {
      log.warn(
        { event: 'sweep.end_not_stored', err: messageOf(error) },
        'The end of a sweep could not be stored',
      );
      return 'failed';
    });
    metrics?.swept(ended);
    // Where that can't be read, nor could anything else.
    if (await isComparisonDue(pool).catch(() => false)) await deps.startComparison();
    return { cursor: null };
  }

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

  async function signalAll(kind: DueKind, page: readonly Due[]): Promise<void> {
    const failed = (await signalPaced(page, signal)).length;
    metrics?.sweepSignalled(kind, page.length - failed);
    const line = { kind, rung: page.length, failed };
    if (failed > 0)
      log.warn(
        { event: 'sweep.signals_failed', ...line },
        'The sweep could not signal every actor',
      );
    else if (page.length > 0)
      log.info(
        { event: 'sweep.signalled', ...line },
        'The sweep signalled the actors of what is due',
      );
  }

  function signal({ kind, id, version, userId }: Due): Promise<void> {
    const { actors } = deps;
    switch (kind) {
      // Not a webhook's signal, which leaves alone what waits: what it waits for may have come.
      case 'inbox':
      case 'status':
        return actors.lookAtIntegration(id, 'due', userId);
      case 'credential':
        return actors.lookAtCredential(id, version, 'due', userId);
      case 'notices':
        return actors.noticeWaiting(id);
      case 'revocation':
        return actors.credentialDeleted(id);
      case 'replay':
        return actors.replayWaiting(id);
    }
  }
}
