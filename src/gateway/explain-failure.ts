import type { ExchangeFailure } from '../oauth/exchange-failure';
import type { Way } from '../web/connect-pages';
import { appFault, denied, invalidCode, providerSilent } from './connect-failures';
import type { AccountFailure } from './obtain-grant';
import type { PageFailure } from './page-failure';

/** Where a failed connection belongs. */
export interface FailedConnection {
  /** The provider's label. */
  provider: string;
  appName: string;
  again: Way;
}

/** The page for the person; its code and reason are for the operator's line. */
export function explainFailure(
  failed: FailedConnection,
  { kind, code: reason }: ExchangeFailure | AccountFailure,
): PageFailure {
  const { provider, again } = failed;
  switch (kind) {
    case 'denied':
      return denied(provider, again, reason);
    case 'invalid':
      return invalidCode(provider, again, reason);
    case 'unavailable':
      return providerSilent(provider, again, { reason });
    case 'app_fault':
    case 'app_refused':
      return appFault(kind, failed, reason);
    case 'unreadable':
      // The declaration points to where no account is.
      return appFault('account_unreadable', failed, reason);
  }
}
