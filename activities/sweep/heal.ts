import { workflowIds, workflowTypes } from '../../workflows/contract/ids';
import { withAdvisoryLock } from '../../src/db/advisory-lock';
import type { Pool } from '../../src/db/pool';
import * as healing from '../../src/db/queries/sweep/healing';
import { messageOf } from '../../src/lib/errors';
import type { Logger } from '../../src/lib/log';
import type { WorkerMetrics } from '../../src/metrics/worker';
import type { ActorRuns, CurrentRun, StuckCause } from '../../src/temporal/actor-runs';
import type { Actors } from '../../src/temporal/actors';
import { signalPaced } from '../../src/temporal/paced-signals';

export interface HealDeps {
  pool: Pool;
  actors: Pick<
    Actors,
    | 'lookAtIntegration'
    | 'lookAtCredential'
    | 'credentialDeleted'
    | 'noticeWaiting'
    | 'replayWaiting'
  >;
  runs: ActorRuns;
  log: Logger;
  /** Undefined where nothing is measured. */
  metrics?: Pick<WorkerMetrics, 'healed'> | undefined;
}

/** Of `pg_try_advisory_lock`: a number that nothing else uses. */
const lock = 4_201_733_030;
/** The next sweep goes on. In milliseconds. */
const shareMs = 20_000;
const atOnce = 50;
const mostStuck = 5_000;
/** What Temporal shows of the run that is ended. */
const reason = 'Its tasks failed again and again: it is started anew from its row';

/** An actor to look at: one of a row's, or the sweep that wakes everybody. */
type Patient = healing.StandingActor | { workflowId: string; kind: 'restore' };

/**
 * Starts actors anew that can't go on, or have ended without having come to their end. Rows decide, so that this loses nothing;
 * it happens three times in ten minutes to one actor at most. It never throws: the next sweep does what this one couldn't.
 */
export function createHeal({ pool, actors, runs, log, metrics }: HealDeps) {
  return async function heal(): Promise<void> {
    await withAdvisoryLock(pool, lock, pass).catch((error: unknown) => left(error));
  };

  async function pass(): Promise<void> {
    const startedAt = performance.now();
    const { since, now } = await healing.readHealedAt(pool);
    const { runs: ended, isAll } = await runs.endedSince(since);
    const restarted = await healing.restartedRuns(
      pool,
      ended.map(({ runId }) => runId),
    );
    const stuck = await healing.listStuckActors(pool, mostStuck);
    const ids = new Set([
      ...stuck.map(({ workflowId }) => workflowId),
      ...(await runs.failing()).map(({ workflowId }) => workflowId),
      ...ended.flatMap(({ workflowId, runId }) => (restarted.has(runId) ? [] : workflowId)),
    ]);
    const patients = await patientsOf([...ids]);
    const known = new Set(patients.map(({ workflowId }) => workflowId));
    const gone = stuck.flatMap(({ workflowId }) => (known.has(workflowId) ? [] : workflowId));
    if (gone.length > 0) await healing.forgetStuck(pool, gone);
    let isDone = isAll;
    for (let from = 0; from < patients.length; from += atOnce) {
      if (performance.now() - startedAt > shareMs) {
        isDone = false;
        break;
      }
      const failures = await signalPaced(patients.slice(from, from + atOnce), treat);
      if (failures[0] !== undefined) {
        isDone = false;
        left(failures[0]);
      }
    }
    if (isDone) await healing.noteHealed(pool, now);
  }

  async function patientsOf(ids: readonly string[]): Promise<Patient[]> {
    const standing: Patient[] = ids.length === 0 ? [] : await healing.standingActors(pool, ids);
    if (ids.includes(workflowIds.restore))
      standing.push({ workflowId: workflowIds.restore, kind: 'restore' });
    return standing;
  }

  async function treat(patient: Patient): Promise<void> {
    const { workflowId } = patient;
    const { runId, state } = await runs.current(workflowId);
    if (state === 'beginning') return;
    if (!isStuck(state)) return healing.forgetStuck(pool, [workflowId]);
    const isRunning = state === 'task_failing';
    if (patient.kind === 'deletion') {
      if (isRunning && runId !== null) await runs.end({ workflowId, runId }, reason);
      return healing.forgetStuck(pool, [workflowId]);
    }
    const workflow = workflowOf(patient);
    const stuck = { workflowId, workflow, cause: state };
    await healing.noteStuck(pool, stuck);
    const count = await healing.noteRestart(pool, { ...stuck, runId });
    if (count === null) {
      if (await healing.noteGivenUp(pool, workflowId)) {
        log.error(
          { event: 'actor.stuck', workflow, workflowId, cause: state },
          'An actor can not go on, and was started anew too often: it waits',
        );
      }
      return;
    }
    if (isRunning && runId !== null) await runs.end({ workflowId, runId }, reason);
    await start(patient);
    log.error(
      { event: 'actor.healed', workflow, workflowId, cause: state, count },
      'An actor that could not go on was started anew',
    );
    metrics?.healed(workflow, state);
  }

  function start(patient: Patient): Promise<void> {
    if (patient.kind === 'restore') return runs.restoreAll();
    const { kind, id, version, userId } = patient;
    switch (kind) {
      case 'integration':
        return actors.lookAtIntegration(id, 'due', userId ?? undefined);
      case 'credential':
        return actors.lookAtCredential(id, version, 'due', userId ?? undefined);
      case 'revocation':
        return actors.credentialDeleted(id);
      case 'notification':
        return actors.noticeWaiting(id);
      case 'replay':
        return actors.replayWaiting(id);
      case 'deletion':
        return Promise.resolve();
    }
  }

  function left(error: unknown): void {
    log.warn(
      { event: 'sweep.actors_left', err: messageOf(error) },
      'The sweep could not start every actor anew that can not go on',
    );
  }
}

const isStuck = (state: CurrentRun['state']): state is StuckCause =>
  state !== 'going_on' && state !== 'beginning' && state !== 'completed';

const workflowOf = ({ kind }: Patient): string =>
  kind === 'revocation'
    ? workflowTypes.credential
    : kind === 'restore'
      ? workflowTypes.sweep
      : kind;
