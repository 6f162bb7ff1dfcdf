import type { ProviderDeclaration } from '../../providers/provider';
import { defaultScope } from './authorization-request';
import type { ClientCredentials } from './client-authentication';

/** The playground as a configuration file would declare it. */
export function providerDeclaration(url: string, client: ClientCredentials): ProviderDeclaration {
  return {
    label: 'Playground',
    oauth: {
      authorizationUrl: `${url}/oauth/authorize`,
      tokenUrl: `${url}/oauth/token`,
      revocationUrl: `${url}/oauth/revoke`,
      clientId: client.id,
      clientSecret: client.secret,
      clientAuthentication: 'client_secret_basic',
      scopes: [defaultScope],
      account: { url: `${url}/me`, pointer: '/id', labelPointer: '/email' },
    },
    webhook: { scheme: 'standard-webhooks' },
    // It is on loopback, whatever the person's settings say of their own providers.
    privateAddresses: 'allow',
  };
}
