import { randomInt } from 'node:crypto';
import { setTimeout as timeout } from 'node:timers/promises';
import { workflowIds, workflowTypes } from '../../workflows/contract/ids';
import { withAdvisoryLock } from '../../src/db/advisory-lock';
import type { Pool } from '../../src/db/pool';
import * as healing from '../../src/db/queries/sweep/healing';
import { messageOf } from '../../src/lib/errors';
import type { Logger } from '../../src/lib/log';
import type { WorkerMetrics } from '../../src/metrics/worker';
import type { ActorRuns, CurrentRun, StuckCause } from '../../src/temporal/actor-runs';
import type { Actors } from '../../src/temporal/actors';
import { type UiPlace, workflowLink } from '../../src/temporal/ui-links';
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
  /** Where the links of its lines lead; without it they have none. */
  temporalUi?: UiPlace | null;
  /** Undefined where nothing is measured. */
  metrics?: Pick<WorkerMetrics, 'healed'> | undefined;
}

/** Of `pg_try_advisory_lock`: a number that nothing else uses. */
const lock = 4_201_733_030;
/** The next sweep goes on. In milliseconds. */
const shareMs = 20_000;
/** Each asks Postgres several times, by a pool that others need too. */
const atOnce = 10;
/** Between such parts: who is started begins to work. */
const pauseMs = 250;
const mostStuck = 5_000;
/** What Temporal shows of the run that is ended. */
const reason = 'Its tasks failed again and again: it is started anew from its row';

/** An actor to look at: one of a row's, or the sweep that wakes everybody. */
type Patient = healing.StandingActor | { workflowId: string; kind: 'restore' };

/**
 * Starts actors anew that can't go on, or have ended without having come to their end. Rows decide, so that this loses nothing;
 * it happens three times in ten minutes to one actor at most. It never throws: the next sweep does what this one couldn't.
 */
export function createHeal({ pool, actors, runs, log, temporalUi, metrics }: HealDeps) {
  let isBlind = false;

  return async function heal(): Promise<void> {
    await withAdvisoryLock(pool, lock, pass).catch((error: unknown) => left(error));
  };

  async function pass(): Promise<void> {
    const startedAt = performance.now();
    const { since, now } = await healing.beginHealing(pool);
    const { runs: ended, isAll } = await runs.endedSince(since);
    const restarted = await healing.restartedRuns(
      pool,
      ended.map(({ runId }) => runId),
    );
    const stuck = await healing.listStuckActors(pool, mostStuck);
    const noted = new Set(stuck.map(({ workflowId }) => workflowId));
    const toNote = new Set(
      ended.flatMap(({ workflowId, runId }) =>
        restarted.has(runId) || noted.has(workflowId) ? [] : workflowId,
      ),
    );
    const patients = await patientsOf([...new Set([...noted, ...(await failing()), ...toNote])]);
    const known = new Set(patients.map(({ workflowId }) => workflowId));
    const gone = stuck.flatMap(({ workflowId }) => (known.has(workflowId) ? [] : workflowId));
    if (gone.length > 0) await healing.forgetStuck(pool, gone);
    const undone: string[] = [];
    let from = 0;
    for (; from < patients.length; from += atOnce) {
      if (from > 0) await timeout(pauseMs);
      if (performance.now() - startedAt > shareMs) break;
      const failures = await signalPaced(patients.slice(from, from + atOnce), async (patient) => {
        let isNoted = noted.has(patient.workflowId);
        try {
          await treat(patient, () => (isNoted = true));
        } catch (error) {
          // Who is noted is looked at in each sweep, however long ago it ended.
          if (!isNoted) undone.push(patient.workflowId);
          throw error;
        }
      });
      if (failures[0] !== undefined) left(failures[0]);
    }
    const isAnyLeft = patients.slice(from).some(({ workflowId }) => toNote.has(workflowId));
    if (undone.length === 0) await healing.noteHealed(pool, now, isAll && !isAnyLeft);
  }

  /** Whom Temporal reports to fail. Where it can't, as an older one, the others are healed all the same. */
  async function failing(): Promise<string[]> {
    try {
      const found = await runs.failing();
      isBlind = false;
      return found.map(({ workflowId }) => workflowId);
    } catch (error) {
      if (!isBlind)
        log.warn(
          { event: 'sweep.failing_unread', err: messageOf(error) },
          'Which actors fail again and again could not be told',
        );
      isBlind = true;
      return [];
    }
  }

  /** In no order: where there are too many for one sweep, each comes to its turn. */
  async function patientsOf(ids: readonly string[]): Promise<Patient[]> {
    const standing = ids.length === 0 ? [] : await healing.standingActors(pool, ids);
    const first = standing.length === 0 ? 0 : randomInt(standing.length);
    const restore: Patient = { workflowId: workflowIds.restore, kind: 'restore' };
    return [
      ...(ids.includes(workflowIds.restore) ? [restore] : []),
      ...standing.slice(first),
      ...standing.slice(0, first),
    ];
  }

  /** @param onNoted when the next sweep knows of it */
  async function treat(patient: Patient, onNoted: () => void): Promise<void> {
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
    const temporalUrl = temporalUi ? workflowLink(temporalUi, workflowId) : undefined;
    await healing.noteStuck(pool, stuck);
    onNoted();
    const count = await healing.noteRestart(pool, { ...stuck, runId });
    if (count === null) {
      if (await healing.noteGivenUp(pool, workflowId)) {
        log.error(
          { event: 'actor.stuck', ...stuck, temporalUrl },
          'An actor can not go on, and was started anew too often: it waits',
        );
      }
      return;
    }
    if (isRunning && runId !== null) await runs.end({ workflowId, runId }, reason);
    await start(patient);
    log.error(
      { event: 'actor.healed', ...stuck, count, temporalUrl },
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
