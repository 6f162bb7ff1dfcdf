import {
  type Client,
  isGrpcServiceError,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleSpec,
} from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import {
  searchAttributes,
  sweepScheduleId,
  taskQueues,
  workflowIds,
  workflowTypes,
} from '../../workflows/contract/ids';

const { IndexedValueType } = temporal.api.enums.v1;
/** gRPC status code. */
const alreadyExists = 6;

/**
 * Registers the search attributes. Through the operator service, because the dev server's option for them is
 * ignored where its database file exists already.
 */
export async function registerSearchAttributes(client: Client): Promise<void> {
  const { namespace } = client.options;
  const { operatorService } = client.connection;
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing: Record<string, temporal.api.enums.v1.IndexedValueType> = {};
  for (const { name, type } of Object.values(searchAttributes)) {
    if (Object.hasOwn(customAttributes, name)) continue;
    missing[name] =
      type === 'DATETIME'
        ? IndexedValueType.INDEXED_VALUE_TYPE_DATETIME
        : IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
  }
  if (Object.keys(missing).length === 0) return;
  try {
    await operatorService.addSearchAttributes({ namespace, searchAttributes: missing });
  } catch (error) {
    // Another process was quicker.
    if (!isGrpcServiceError(error) || (error.code as number) !== alreadyExists) throw error;
  }
}

/** @throws Error where Temporal doesn't answer in time, or has no schedule yet */
export async function isSweepPaused(client: Client, timeoutMs: number): Promise<boolean> {
  const handle = client.schedule.getHandle(sweepScheduleId);
  const { state } = await client.withDeadline(Date.now() + timeoutMs, () => handle.describe());
  return state.paused;
}

/**
 * Makes the sweep's schedule. Where there is none, Temporal is new or has lost its data: then every actor is
 * woken once, and goes on from its row. That comes first, so that a crash in between repeats it.
 *
 * @returns whether it had to be made
 */
export async function ensureSweep(client: Client, sweepSeconds: number): Promise<boolean> {
  const spec = { intervals: [{ every: sweepSeconds * 1000 }] };
  const handle = client.schedule.getHandle(sweepScheduleId);
  try {
    const { spec: current } = await handle.describe();
    if (current.intervals?.[0]?.every !== spec.intervals[0]?.every) {
      await handle.update((previous) => ({ ...previous, spec }));
    }
    return false;
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
  await client.workflow.start(workflowTypes.sweep, {
    workflowId: workflowIds.restore,
    taskQueue: taskQueues.main,
    args: [{ all: true }],
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
  await createSweep(client, spec);
  return true;
}

async function createSweep(client: Client, spec: ScheduleSpec): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId: sweepScheduleId,
      spec,
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
      action: {
        type: 'startWorkflow',
        workflowType: workflowTypes.sweep,
        taskQueue: taskQueues.main,
        args: [{}],
        workflowExecutionTimeout: '30 minutes',
      },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
