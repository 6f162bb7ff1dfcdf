import type { Client } from '@temporalio/client';
import { sweepScheduleId, workflowTypes } from '../../../workflows/contract/ids';
import { messageOf } from '../../lib/errors';
import type { Logger } from '../../lib/log';
import { createActorRuns } from '../actor-runs';

/** Sweeps begin by the schedule, whose id Temporal puts before theirs, or by a name of their own. */
const isSweep = (workflowId: string) =>
  workflowId.startsWith(`${workflowTypes.sweep}:`) || workflowId.startsWith(`${sweepScheduleId}-`);

/**
 * Ends sweeps whose tasks fail again and again: while one runs the schedule begins no other, and so nothing is healed. The next
 * one does what it would have done. It never throws.
 */
export async function endStuckSweeps(client: Client, log: Logger): Promise<void> {
  const runs = createActorRuns(client);
  try {
    for (const run of await runs.failing()) {
      if (!isSweep(run.workflowId)) continue;
      const { runId, state } = await runs.current(run.workflowId);
      if (state !== 'task_failing' || runId === null) continue;
      const { workflowId } = run;
      await runs.end(
        { workflowId, runId },
        'Its tasks failed again and again: the next one begins',
      );
      log.error(
        { event: 'sweep.ended', workflowId, cause: state },
        'A sweep that could not go on was ended: the next one begins',
      );
    }
  } catch (error) {
    log.warn(
      { event: 'sweep.stuck_unread', err: messageOf(error) },
      'Whether a sweep can not go on could not be told',
    );
  }
}
