import type { ExchangeFailure } from '../oauth/exchange-failure';
import {
  appFault,
  denied,
  type FailedConnection,
  invalidCode,
  providerSilent,
} from './pages/connect/failures';
import type { AccountFailure } from './pages/connect/obtain-grant';
import type { PageFailure } from './pages/page-failure';

/** The page for the person; its code and reason are for the operator's line. */
export function explainFailure(
  failed: FailedConnection,
  { kind, code: reason }: ExchangeFailure | AccountFailure,
): PageFailure {
  switch (kind) {
    case 'denied':
      return denied(failed, reason);
    case 'invalid':
      return invalidCode(failed, reason);
    case 'unavailable':
      return providerSilent(failed, { reason });
    case 'app_fault':
    case 'app_refused':
      return appFault(kind, failed, reason);
    case 'unreadable':
      // The declaration points to where no account is.
      return appFault('account_unreadable', failed, reason);
  }
}
