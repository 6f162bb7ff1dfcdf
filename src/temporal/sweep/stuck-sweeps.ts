import { sweepScheduleId, workflowTypes } from '../../../workflows/contract/ids';
import { messageOf } from '../../lib/errors';
import type { Logger } from '../../lib/log';
import type { ActorRuns } from '../actor-runs';

/** Sweeps begin by the schedule, whose id Temporal puts before theirs, or by a name of their own. */
const isSweep = (workflowId: string) =>
  workflowId.startsWith(`${workflowTypes.sweep}:`) || workflowId.startsWith(`${sweepScheduleId}-`);

/**
 * Ends sweeps whose tasks fail again and again: while one runs the schedule begins no other, and so nothing is healed. The next
 * one does what it would have done. It never throws; what keeps it from looking it says once, until it can again.
 */
export function createEndStuckSweeps(
  runs: Pick<ActorRuns, 'failing' | 'current' | 'end'>,
  log: Logger,
): () => Promise<void> {
  let isBlind = false;

  return async () => {
    try {
      for (const { workflowId } of await runs.failing(workflowTypes.sweep)) {
        if (isSweep(workflowId)) await look(workflowId);
      }
      isBlind = false;
    } catch (error) {
      if (isBlind) return;
      isBlind = true;
      log.warn(
        { event: 'sweep.stuck_unread', err: messageOf(error) },
        'Whether a sweep can not go on could not be told',
      );
    }
  };

  async function look(workflowId: string): Promise<void> {
    const { runId, state } = await runs.current(workflowId);
    if (state !== 'task_failing' || runId === null) return;
    await runs.end({ workflowId, runId }, 'Its tasks failed again and again: the next one begins');
    log.error(
      { event: 'sweep.ended', workflowId, cause: state },
      'A sweep that could not go on was ended: the next one begins',
    );
  }
}
