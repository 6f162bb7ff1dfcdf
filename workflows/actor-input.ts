import { ApplicationFailure } from '@temporalio/workflow';
import type { ActorInput } from './contract/messages';

/** Ids, and names of streams: what doesn't fit a column would fail every statement, for ever. */
const isId = (value: unknown): boolean =>
  typeof value === 'string' && /^[\w.:~@-]{1,255}$/.test(value);

/**
 * Anyone can start an actor by hand: without its input it ends at once, instead of trying for ever.
 *
 * @returns the input
 * @throws ApplicationFailure `invalid_request`, by which the run fails
 */
export function checkActorInput<Input extends ActorInput>(input: Input): Input {
  const given: unknown = input;
  const { id, state } = (given ?? {}) as { id?: unknown; state?: unknown };
  const isState = state === undefined || (typeof state === 'object' && state !== null);
  if (isId(id) && isState) return input;
  throw ApplicationFailure.nonRetryable(
    'An actor is started with {"id":"<its row\'s id>"}: signal it with start.',
    'invalid_request',
  );
}
