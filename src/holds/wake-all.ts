import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/log';
import type { Actors } from '../temporal/actors';

export interface WakeAllDeps {
  actors: Pick<Actors, 'sweepNow'>;
  log: Logger;
}

/** After the operator's hold was lifted: whatever is due is rung for at once. Never rejects. */
export async function wakeAll({ actors, log }: WakeAllDeps): Promise<void> {
  try {
    await actors.sweepNow();
  } catch (error) {
    log.warn(
      { event: 'hold.sweep_not_started', error: messageOf(error) },
      'A hold is lifted, but no sweep could be started: what it parked waits for the scheduled one',
    );
  }
}
