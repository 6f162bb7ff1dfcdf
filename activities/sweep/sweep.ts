import { type Due, type DueKind, duePage } from '../../src/db/queries/sweep/due';
import { messageOf } from '../../src/lib/errors';
import { isAway } from '../../src/lib/log';
import type { WorkerMetrics } from '../../src/metrics/worker';
import type { Actors } from '../../src/temporal/actors';
import { signalPaced } from '../../src/temporal/paced-signals';
import { createClearUp, type ClearUpDeps } from './clear-up';
import {
  isWholeSoFar,
  readCursor,
  resultOf,
  type SweepProgress,
  type SweepStep,
  type Turns,
  writeCursor,
} from './cursor';
import { lookForWentBack } from './went-back';

export interface SweepDeps extends ClearUpDeps {
  actors: ClearUpDeps['actors'] &
    Pick<Actors, 'lookAtIntegration' | 'lookAtCredential' | 'noticeWaiting' | 'replayWaiting'>;
  metrics?: (Pick<WorkerMetrics, 'sweepSignalled'> & ClearUpDeps['metrics']) | undefined;
}

/** A page costs a look at everybody: a large one is signalled in small parts. */
const pageSize = 500;
/** How long one run of the activity goes on with another page. */
const shareMs = 10_000;

/**
 * Signals those for whom something is due, a page of each kind in turn, for some seconds; at the end it clears up after
 * deletions, full inboxes, failing destinations and what nobody confirmed, and starts anew what can't go on. A lost signal is a delay for as long as a sweep
 * takes to come by, never a loss. A kind that can't be read is left to the next sweep; where everybody has to be signalled
 * there is no next one, and it is tried again.
 *
 * Where the rows have gone back in time everybody is signalled, by a sweep beside this one: actors that know more than their rows
 * say are due by no row.
 *
 * @throws the database's error where everybody has to be signalled and nothing can be read any more, and what waking everybody
 *   failed with
 */
export function createSweepInbox(deps: SweepDeps) {
  const { pool, log, registry, metrics } = deps;
  const probed = registry.names().filter((name) => registry.get(name)?.probe !== undefined);
  const clearUp = createClearUp(deps);

  return async function sweepInbox(step: SweepStep): Promise<SweepProgress> {
    const { all, cursor, seen = null } = step;
    const result = resultOf(cursor);
    if (result !== undefined) return clearUp(seen, result, false);
    if (!all && cursor === null && seen !== null) await lookForWentBack(deps, seen);
    const startedAt = performance.now();
    const turns = readCursor(cursor);
    const unreadable: Turns = new Map();
    let isAnyRead = false;
    let fault: unknown;
    let isWhole = isWholeSoFar(cursor);
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
        // Where everybody has to be signalled it is tried until it can be read.
        if (all) unreadable.set(kind, after);
        else isWhole = false;
      }
      if (performance.now() - startedAt > shareMs) break;
    }
    if (unreadable.size > 0 && !isAnyRead) {
      metrics?.swept('failed');
      throw fault;
    }
    const left: Turns = new Map([...turns, ...unreadable]);
    return left.size > 0
      ? { cursor: writeCursor(left, isWhole) }
      : clearUp(seen, isWhole ? 'completed' : 'incomplete', true);
  };

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
