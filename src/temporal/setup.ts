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
} from '../../workflows/contract';

const { IndexedValueType } = temporal.api.enums.v1;
const alreadyExists = 6;

/**
 * Registers the search attributes. Through the operator service, because the dev server's option for them is
 * ignored where its database file exists already.
 */
export async function registerSearchAttributes(client: Client): Promise<void> {
  const wanted = Object.values(searchAttributes).map(({ name, type }) => [
    name,
    type === 'DATETIME'
      ? IndexedValueType.INDEXED_VALUE_TYPE_DATETIME
      : IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  ]);
  const { namespace } = client.options;
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
    namespace,
  });
  const missing = wanted.filter(([name]) => !Object.hasOwn(customAttributes, String(name)));
  if (missing.length === 0) return;
  try {
    await client.connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing),
    });
  } catch (error) {
    // Another process was quicker.
    if (!isGrpcServiceError(error) || Number(error.code) !== alreadyExists) throw error;
  }
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
