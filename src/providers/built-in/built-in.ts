import type { OAuthDeclaration, ProviderDeclaration } from '../provider';
import type { WebhookDeclaration } from '../webhook-declaration';

/** How a provider knows an application. */
export interface AppClient {
  clientId: string;
  clientSecret: string;
}

/** A provider that Holdfast knows: what is missing are an application's own settings. */
export interface BuiltIn extends Pick<
  ProviderDeclaration,
  'probe' | 'refreshErrors' | 'refusedErrors'
> {
  label: string;
  oauth: (client: AppClient) => OAuthDeclaration;
  webhook?: WebhookDeclaration;
  /** The provider signs with the client secret, which then is the app's where no other secret is set. */
  signsWithClientSecret?: boolean;
}
