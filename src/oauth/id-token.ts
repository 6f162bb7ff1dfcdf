import type { Provider } from '../providers/provider';

/** The ID token's claim that names the account, where the provider's account comes from there. */
export function idTokenClaim(provider: Provider): string | undefined {
  const source = provider.oauth?.account;
  return source !== undefined && 'idTokenClaim' in source ? source.idTokenClaim : undefined;
}
