import { scopesInWords } from '../../oauth/granted-scopes';
import type { Provider } from '../../providers/provider';
import type { Asked } from '../../web/pages/asked';

/** What the provider is going to ask for, in words; and without which of it nothing is connected. */
export function askedOf(provider: Provider | undefined): Asked {
  const { scopes = [], requiredScopes = [] } = provider?.oauth ?? {};
  const inWords = (some: readonly string[]) => scopesInWords(provider?.oauth ?? {}, some);
  return {
    needed: inWords(requiredScopes),
    alsoAsked: inWords(scopes.filter((scope) => !requiredScopes.includes(scope))),
  };
}
