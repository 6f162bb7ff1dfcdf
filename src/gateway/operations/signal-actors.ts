import { messageOf } from '../../lib/errors';
import type { Logger } from '../../lib/log';
import { waitAtMost } from '../wait-at-most';

/** Long enough for a Temporal that is there, short enough for a caller when it isn't. */
const patienceMs = 1_000;

/**
 * Waits a moment for messages to actors, and never fails: what they are about is in Postgres already, and
 * the sweep rings for whatever got lost.
 */
export async function wakeActors(log: Logger, messages: readonly Promise<void>[]): Promise<void> {
  const sent = messages.map((message) =>
    message.catch((error: unknown) => {
      log.warn({ err: messageOf(error) }, 'an actor was not told; the sweep will');
    }),
  );
  await waitAtMost(Promise.all(sent), patienceMs);
}
