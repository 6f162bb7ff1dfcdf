import { sleep } from '@temporalio/workflow';
import { sweeping } from './activity-options';
import type { SweepInput } from './contract/messages';

/** Between pages. */
const pauseMs = 250;

/** Signals for whatever the rows say is due. Paced, so that a long outage is no stampede. */
export async function sweep(input: SweepInput = {}): Promise<void> {
  const all = input.all === true;
  let { cursor } = await sweeping.sweepInbox({ all, cursor: null });
  while (cursor !== null) {
    await sleep(pauseMs);
    ({ cursor } = await sweeping.sweepInbox({ all, cursor }));
  }
}
