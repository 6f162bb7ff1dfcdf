import { ApplicationFailure } from '@temporalio/workflow';
import type { SettleFacts } from '../activities/status/settle';
import { isVersion } from './contract/ids';
import type { SwitchRequest, RefreshRequest } from './contract/messages';
import { isDead } from './decide-status';
import { errorMessage } from './reason-message';

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
export function refuseEnable(facts: SettleFacts | null): void {
  if (facts?.status !== 'ERROR') return;
  const dead = facts.credentials.filter(isDead);
  // All are alive again, and the recovery is about to be recorded.
  if (dead.length === 0) return;
  throw ApplicationFailure.nonRetryable(
    `${errorMessage(dead)} Enabling does not help.`,
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
