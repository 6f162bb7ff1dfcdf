import type { Logger } from '../log';
import type { ExchangeFailure } from '../oauth/exchange-failure';
import type { Provider } from '../providers/provider';
import type { Way } from '../web/connect-pages';
import { appFault, denied, invalidCode, providerSilent } from './connect-failures';
import type { GatewayDeps } from './deps';
import type { AccountFailure } from './obtain-grant';
import type { PageFailure } from './page-failure';

export interface FailedConnection extends Pick<GatewayDeps, 'config'> {
  log: Logger;
  provider: Provider;
  integrationId: string;
  again: Way;
}

/** A page for the person, and a line for the operator where it isn't the person's own decision. */
export function explainFailure(
  { config, log, provider, integrationId, again }: FailedConnection,
  failure: ExchangeFailure | AccountFailure,
): PageFailure {
  const line = { provider: provider.name, integrationId, kind: failure.kind, reason: failure.code };
  switch (failure.kind) {
    case 'denied':
      return denied(provider.label, again);
    case 'invalid':
      log.warn(line, 'a person came back with a code that could not be used');
      return invalidCode(provider.label, again);
    case 'unavailable':
      log.warn(line, 'a provider did not answer a person who came back');
      return providerSilent(provider.label, again);
    case 'app_fault':
      log.error(line, 'a provider refuses the application');
      return appFault(provider.label, config.appName);
    case 'unreadable':
      log.error(line, "the account's id is not where the provider's declaration says");
      return appFault(provider.label, config.appName);
  }
}
