import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleUpdateOptions,
} from '@temporalio/client';
import type { InstallationId } from '../../db/queries/installation';
import type { Queryable } from '../../db/pool';
import {
  sweepScheduleId,
  taskQueues,
  workflowIds,
  workflowTypes,
} from '../../../workflows/contract/ids';
import { isDenied, scheduleRefused } from '../rights';
import {
  installationMemo,
  installationOf,
  otherInstallation,
  refuseOthersActors,
} from '../namespace-owner';

/** Milliseconds. */
const limits = { catchup: 60_000, execution: 30 * 60_000 };

export interface SweepScheduleDeps {
  client: Client;
  db: Queryable;
  installationId: InstallationId;
  sweepSeconds: number;
}

export interface SweepSetUp {
  /** Whether there was none. */
  made: boolean;
  /** What was not as it has to be, and is now. */
  corrected: SchedulePart[];
  paused: boolean;
}

/** @throws Error where Temporal doesn't answer in time, or has no schedule yet */
export async function isSweepPaused(client: Client, timeoutMs: number): Promise<boolean> {
  const handle = client.schedule.getHandle(sweepScheduleId);
  const { state } = await client.withDeadline(Date.now() + timeoutMs, () => handle.describe());
  return state.paused;
}

/** @returns null where there is none */
export async function describeSweep(client: Client): Promise<ScheduleDescription | null> {
  try {
    return await client.schedule.getHandle(sweepScheduleId).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

/**
 * Makes the sweep's schedule, or puts right what is not as it has to be; one that an operator paused stays paused. Where there
 * is none, Temporal is new or has lost its data: then every actor is woken once, and goes on from its row. That comes first, so
 * that a crash in between repeats it.
 *
 * @throws NamespaceTakenError where the schedule, or the actors without one, are another installation's
 * @throws ConfigError with the command for who may, where this client may not make it
 */
export async function ensureSweep(deps: SweepScheduleDeps): Promise<SweepSetUp> {
  const { client } = deps;
  const owner = await deps.installationId();
  for (let attempt = 1; ; attempt++) {
    const current = await describeSweep(client);
    const named = current === null ? undefined : installationOf(current);
    if (current !== null && named === owner) return putRight(client, current, deps.sweepSeconds);
    if (named !== undefined) throw otherInstallation(client, named, owner);
    await refuseOthersActors(client, deps.db);
    if (current === null) await wakeAll(client);
    // A memo can be set when a schedule is made, and at no other time.
    else await client.schedule.getHandle(sweepScheduleId).delete();
    const paused = current?.state.paused === true;
    try {
      await createSweep(deps, owner, current);
      return { made: current === null, corrected: current === null ? [] : ['memo'], paused };
    } catch (error) {
      if (isDenied(error)) throw scheduleRefused(client, { owner, ...deps, cause: error });
      // Whoever was quicker may be another installation.
      if (!(error instanceof ScheduleAlreadyRunning) || attempt === mostAttempts) throw error;
    }
  }
}

const mostAttempts = 3;

async function wakeAll(client: Client): Promise<void> {
  await client.workflow.start(workflowTypes.sweep, {
    workflowId: workflowIds.restore,
    taskQueue: taskQueues.main,
    args: [{ all: true }],
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
}

async function createSweep(
  { client, sweepSeconds }: SweepScheduleDeps,
  owner: string,
  before: ScheduleDescription | null,
): Promise<void> {
  await client.schedule.create({
    scheduleId: sweepScheduleId,
    ...wanted(sweepSeconds),
    ...(before === null ? {} : { state: operatorsWord(before.state) }),
    memo: { [installationMemo]: owner },
  });
}

async function putRight(
  client: Client,
  current: ScheduleDescription,
  sweepSeconds: number,
): Promise<SweepSetUp> {
  const target = wanted(sweepSeconds);
  const corrected = differences(current, target);
  if (corrected.length > 0) {
    await client.schedule
      .getHandle(sweepScheduleId)
      .update(({ state }) => ({ ...target, state: operatorsWord(state) }));
  }
  return { made: false, corrected, paused: current.state.paused };
}

/** Whether it is paused, and why: a limit on how often it runs would end it. */
const operatorsWord = ({ paused, note }: ScheduleDescription['state']) => ({
  paused,
  ...(note === undefined ? {} : { note }),
});

function wanted(sweepSeconds: number) {
  return {
    spec: { intervals: [{ every: sweepSeconds * 1000 }] },
    policies: {
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: limits.catchup,
      pauseOnFailure: false,
    },
    action: {
      type: 'startWorkflow' as const,
      workflowType: workflowTypes.sweep,
      // Each run adds its time to it.
      workflowId: `${sweepScheduleId}-workflow`,
      taskQueue: taskQueues.main,
      args: [{}],
      workflowExecutionTimeout: limits.execution,
    },
  } satisfies Omit<ScheduleUpdateOptions, 'state'>;
}

type SchedulePart = 'interval' | 'action' | 'policies' | 'limit' | 'memo';

/** What of a schedule is not as it has to be, whatever it is that was changed. */
function differences(
  { spec, action, policies, state }: ScheduleDescription,
  { spec: timing, action: act, policies: rules }: ReturnType<typeof wanted>,
): SchedulePart[] {
  const parts: [SchedulePart, unknown, unknown][] = [
    [
      'interval',
      [
        // One that was never set is told as nothing, whatever its type says.
        spec.intervals?.map(({ every, offset }) => [every, offset || 0]),
        [spec.calendars?.length ?? 0, spec.skip?.length ?? 0],
        [spec.startAt ?? null, spec.endAt ?? null, spec.jitter ?? 0],
      ],
      [timing.intervals.map(({ every }) => [every, 0]), [0, 0], [null, null, 0]],
    ],
    [
      'action',
      [
        [action.workflowType, action.workflowId, action.taskQueue, action.args],
        [action.workflowExecutionTimeout ?? 0, action.workflowRunTimeout ?? 0],
        [action.retry ?? null],
      ],
      [
        [act.workflowType, act.workflowId, act.taskQueue, act.args],
        [act.workflowExecutionTimeout, 0],
        [null],
      ],
    ],
    [
      'policies',
      [policies.overlap, policies.catchupWindow, policies.pauseOnFailure],
      [rules.overlap, rules.catchupWindow, rules.pauseOnFailure],
    ],
    ['limit', state.remainingActions ?? null, null],
  ];
  return parts.flatMap(([part, is, should]) =>
    JSON.stringify(is) === JSON.stringify(should) ? [] : [part],
  );
}
