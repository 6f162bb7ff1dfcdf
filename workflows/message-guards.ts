import { ApplicationFailure, log, setDefaultSignalHandler } from '@temporalio/workflow';
import { isVersion } from './contract/ids';
import type { ActorInput, SwitchRequest, RefreshRequest } from './contract/messages';
import type { IntegrationFacts } from './contract/status';
import { errorReason } from './rules';

/** @param kept whether the signal's input was of use */
export function logUnusable(signal: string, kept: boolean): void {
  if (!kept)
    log.warn('A signal with unusable input was ignored', { event: 'signal.unusable', signal });
}

/** Anyone can send any name by hand: it must not stop an actor. */
export function ignoreUnknownSignals(): void {
  setDefaultSignalHandler((signal) =>
    log.warn('An unknown signal was ignored', { event: 'signal.unknown', signal }),
  );
}

const maxLength = 500;

const isText = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && value.length <= maxLength && !value.includes('\0');

/** @throws ApplicationFailure `invalid_request`, before anything is written to the history */
export function checkSwitchRequest(request: SwitchRequest | undefined | null): void {
  const { by, reason } = (request ?? {}) as Partial<Record<keyof SwitchRequest, unknown>>;
  if (isText(by) && (reason === undefined || isText(reason))) return;
  throw ApplicationFailure.nonRetryable(
    `Say who asks: {"by":"<name>","reason":"<optional>"}, texts of at most ${maxLength} characters.`,
    'invalid_request',
  );
}

/**
 * In ERROR only a reconnect helps. A validator sees the row only once it was read: until then `enable` is
 * accepted, and refused here with the same code after the reading.
 *
 * @throws ApplicationFailure `credential_dead`
 */
export function refuseEnable(facts: IntegrationFacts | null): void {
  if (facts?.status !== 'ERROR') return;
  const reason = errorReason(facts.credentials);
  // All are alive again, and the recovery is about to be recorded.
  if (reason === null) return;
  throw ApplicationFailure.nonRetryable(
    `${reason.message} Enabling does not help.`,
    'credential_dead',
  );
}

/** @throws ApplicationFailure `invalid_request`, before anything is written to the history */
export function checkRefreshRequest(request: RefreshRequest | undefined | null): void {
  const { rejectedVersion } = (request ?? {}) as Partial<Record<keyof RefreshRequest, unknown>>;
  if (rejectedVersion === undefined || isVersion(rejectedVersion)) return;
  throw ApplicationFailure.nonRetryable(
    'rejectedVersion is the whole number of the version that was refused.',
    'invalid_request',
  );
}

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
