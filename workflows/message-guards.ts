import { ApplicationFailure, log, setDefaultSignalHandler } from '@temporalio/workflow';
import { isVersion } from './contract/ids';
import type { SwitchRequest, RefreshRequest } from './contract/messages';
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
