import type { SwitchRequest } from '../../../workflows/contract/messages';
import { HoldfastError } from '../../lib/errors';
import type { ActorUpdates, TemporalPing } from '../deps';

export type Direction = 'enable' | 'disable';

/**
 * Somebody's word as to whether an integration runs; its actor decides. The row has to be there: the message
 * would start an actor for any id.
 *
 * @throws HoldfastError `credential_dead`, `temporal_unavailable`
 */
export async function switchIntegration(
  { actors, pingTemporal }: ActorUpdates,
  id: string,
  direction: Direction,
  { by, reason }: { by: string; reason: string | undefined },
): Promise<void> {
  await expectTemporal(pingTemporal);
  const request: SwitchRequest = reason === undefined ? { by } : { by, reason };
  await actors[direction](id, request);
}

/**
 * An update waits for its actor for a minute; that there is no Temporal can be said at once.
 * @throws HoldfastError `temporal_unavailable`
 */
export async function expectTemporal(ping: TemporalPing['pingTemporal']): Promise<void> {
  try {
    await ping();
  } catch (cause) {
    throw new HoldfastError('temporal_unavailable', 'Temporal does not answer at the moment.', {
      cause,
      retryAfterSeconds: 5,
    });
  }
}
