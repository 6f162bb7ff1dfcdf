import type { OAuthDeclaration, ProviderDeclaration, WebhookDeclaration } from './provider';

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
}
