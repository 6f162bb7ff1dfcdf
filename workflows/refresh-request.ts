import { ApplicationFailure } from '@temporalio/workflow';
import type { RefreshRequest } from './contract';
import { isVersion } from './contract';

/** @throws ApplicationFailure `invalid_request`, before anything is written to the history */
export function checkRefreshRequest(request: RefreshRequest | undefined | null): void {
  const { rejectedVersion } = (request ?? {}) as Partial<Record<keyof RefreshRequest, unknown>>;
  if (rejectedVersion === undefined || isVersion(rejectedVersion)) return;
  throw ApplicationFailure.nonRetryable(
    'rejectedVersion is the whole number of the version that was refused.',
    'invalid_request',
  );
}
