import type { HoldfastConfiguration } from './providers/provider';

export { PermanentError } from './lib/errors';
export type { CredentialInfo, Delivery, HandlerContext } from './handler-api';
export type { Handler, HoldfastConfiguration, ProviderDeclaration } from './providers/provider';

/** Adds types to the configuration file's content; a plain object is as good. */
export function defineConfig(configuration: HoldfastConfiguration): HoldfastConfiguration {
  return configuration;
}
