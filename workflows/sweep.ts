import { sleep } from '@temporalio/workflow';
import { sweeping } from './activity-options';
import type { SweepInput } from './contract/messages';

/** Between pages. */
const pauseMs = 250;

/**
 * Signals for whatever the rows say is due, or for whatever lists show otherwise than the rows are. Paced, so that a long outage is
 * no stampede.
 */
export async function sweep(input: SweepInput = {}): Promise<void> {
  if (input.compare === true) return compare();
  const all = input.all === true;
  let { cursor } = await sweeping.sweepInbox({ all, cursor: null });
  while (cursor !== null) {
    await sleep(pauseMs);
    ({ cursor } = await sweeping.sweepInbox({ all, cursor }));
  }
}

/** The activity keeps the pace. */
async function compare(): Promise<void> {
  let { cursor } = await sweeping.compareActors({ cursor: null });
  while (cursor !== null) ({ cursor } = await sweeping.compareActors({ cursor }));
}
