import { fillAddress } from './url-templates';
import type { ProviderDeclaration } from './provider';

/**
 * Where the provider's tokens may be sent: the declared `apiOrigins`, else the origins of its
 * addresses (authorization, token, revocation, account, probe, issuer).
 * @param parameters what fills the addresses' placeholders
 * @throws HoldfastError `invalid_request` where a parameter is missing or doesn't match
 */
export function apiOrigins(
  provider: ProviderDeclaration,
  parameters: Readonly<Record<string, string>> = {},
): string[] {
  const { oauth, probe } = provider;
  const account = oauth?.account;
  const addresses = oauth?.apiOrigins ?? [
    oauth?.authorizationUrl,
    oauth?.tokenUrl,
    oauth?.revocationUrl,
    account !== undefined && 'url' in account ? account.url : undefined,
    probe?.url,
    oauth?.issuer,
  ];
  const origins = addresses
    .filter((address) => address !== undefined)
    .map((address) => new URL(fillAddress(address, oauth?.parameters, parameters)).origin);
  return [...new Set(origins)];
}

/**
 * Where the provider's tokens are refreshed, as far as that is known without asking: undefined where nothing is declared, or a
 * parameter is missing.
 */
export function tokenOrigin(
  { oauth }: ProviderDeclaration,
  parameters: Readonly<Record<string, string>>,
): string | undefined {
  const address = oauth?.tokenUrl ?? oauth?.issuer;
  if (address === undefined) return undefined;
  try {
    return new URL(fillAddress(address, oauth?.parameters, parameters)).origin;
  } catch {
    return undefined;
  }
}
