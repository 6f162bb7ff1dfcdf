import { sleep, workflowInfo } from '@temporalio/workflow';
import { sweeping } from './activity-options';
import type { SweepInput, SweepMark } from './contract/messages';

/** Between pages. */
const pauseMs = 250;

/**
 * Signals for whatever the rows say is due, or for whatever lists show otherwise than the rows are. Paced, so that a long outage is
 * no stampede.
 *
 * @returns how many sweeps there were by now; the schedule gives it to the next one, which sees by it whether Postgres has
 *   gone back in time
 */
export async function sweep(input: SweepInput = {}): Promise<SweepMark | null> {
  const seen = (workflowInfo().lastResult ?? null) as SweepMark | null;
  if (input.compare === true) {
    await compare();
    return seen;
  }
  const all = input.all === true;
  let progress = await sweeping.sweepInbox({ all, cursor: null, seen });
  while (progress.cursor !== null) {
    await sleep(pauseMs);
    progress = await sweeping.sweepInbox({ all, cursor: progress.cursor, seen });
  }
  return progress.mark ?? seen;
}

/** The activity keeps the pace. */
async function compare(): Promise<void> {
  let { cursor } = await sweeping.compareActors({ cursor: null });
  while (cursor !== null) ({ cursor } = await sweeping.compareActors({ cursor }));
}
