import { checkAddress } from '../destinations/check-address';
import type { ConnectionRules, Objection } from '../destinations/connection-rules';
import type { Logger } from '../lib/log';
import { addressesOf, foreignHosts } from './foreign-hosts';
import type { ProviderDeclaration } from './provider';
import type { Registry } from './registry';
import { placeholdersOf } from './url-templates';

export interface AddressWarning {
  provider: string;
  /** What is wrong, and what to do. */
  sentence: string;
}

/**
 * What somebody should know of the addresses that providers declare: those that are not connected to as things are, and
 * those whose host a connection may choose freely. Names are looked up.
 */
export async function addressWarnings(
  registry: Registry,
  rules: ConnectionRules,
): Promise<AddressWarning[]> {
  const found = registry.names().map(async (provider) => {
    const declaration = registry.get(provider) ?? {};
    const sentences = [...(await notAllowed(declaration, rules)), ...anybodys(declaration)];
    return sentences.map((sentence) => ({ provider, sentence }));
  });
  return (await Promise.all(found)).flat();
}

const remedies: Record<Objection, string> = {
  not_public:
    "a private address, which HOLDFAST_PRIVATE_DESTINATIONS does not allow; for a provider that is hosted privately declare privateAddresses: 'allow'",
  own_server:
    "Holdfast's own Postgres or Temporal, which nothing else connects to; give these a host of their own",
};

async function notAllowed(
  declaration: ProviderDeclaration,
  { privateDestinations, ownServers }: ConnectionRules,
): Promise<string[]> {
  const rules = {
    privateDestinations: declaration.privateAddresses ?? privateDestinations,
    ownServers,
  };
  const fixed = addressesOf(declaration).filter((address) => placeholdersOf(address).length === 0);
  const origins = [...new Set(fixed.map((address) => new URL(address).origin))];
  const objections = await Promise.all(
    origins.map((origin) => checkAddress(new URL(origin), rules)),
  );
  return origins.flatMap((origin, index) => {
    const objection = objections[index];
    return objection === undefined
      ? []
      : [`${origin} is not connected to (address_not_allowed): it leads to ${remedies[objection]}`];
  });
}

function anybodys(declaration: ProviderDeclaration): string[] {
  return foreignHosts(declaration).map(
    ({ address, parameters, example }) =>
      `${address} may be any host, such as ${example}, which then gets the client's secret and the tokens: end the pattern of ${parameters.map((name) => `"${name}"`).join(' and ')} with a domain of the provider's`,
  );
}

/** Writes them to the log, a line each. Nothing waits for it, and nothing depends on it. */
export function logAddressWarnings(registry: Registry, rules: ConnectionRules, log: Logger): void {
  void addressWarnings(registry, rules).then((warnings) => {
    for (const { provider, sentence } of warnings) {
      log.warn(
        { event: 'provider.address_warning', provider, problem: sentence },
        'An address of a provider needs a look',
      );
    }
  });
}
