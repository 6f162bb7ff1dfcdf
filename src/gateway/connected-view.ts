import {
  type IntegrationCredential,
  readIntegrationCredential,
} from '../db/queries/integration-credential';
import type { OAuthState } from '../db/queries/oauth-states';
import type { NewGrant } from '../db/queries/store-tokens';
import type { Provider } from '../providers/provider';
import { connectedPage } from '../web/connect-pages';
import type { Page } from '../web/page';
import type { GatewayDeps } from './deps';
import { isAllowedReturn } from './return-to';
import { startPath } from './start-path';

/** What a person sees once the tokens are stored. */
export async function connectedView(
  { pool, config }: Pick<GatewayDeps, 'pool' | 'config'>,
  provider: Provider,
  { integrationId, returnTo, resume }: OAuthState,
  { credential, account }: { credential: IntegrationCredential; account: NewGrant['account'] },
): Promise<Page> {
  const worst = await readIntegrationCredential(pool, integrationId);
  const needed = worst?.state === 'dead' || worst?.state === 'missing' ? worst : undefined;
  return connectedPage({
    provider: provider.label,
    account: account?.label ?? account?.id,
    staysOff: credential.integrationStatus === 'DISABLED' && !resume,
    next:
      needed === undefined
        ? undefined
        : {
            href: startPath(needed.provider, integrationId, needed.name),
            label: `Connect "${needed.name}"`,
          },
    back:
      returnTo !== null && isAllowedReturn(returnTo, config)
        ? { href: returnTo, label: `Back to ${config.appName}` }
        : undefined,
  });
}
