import type { ProviderConnections } from '../destinations/agent';
import { checkConfiguration } from './validation/configuration';
import type { Outgoing } from '../lib/http/guarded';
import type { HoldfastConfiguration, Provider, ProviderDeclaration } from './provider';

/** A configuration file that can't be used. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  /** @param faults one line each, with the path of what is wrong; they hold no values */
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
  }
}

/** The providers that there are. */
export interface Registry {
  get(name: string): Provider | undefined;
  /** Sorted. */
  names(): string[];
}

/**
 * The registry of a configuration that was checked as a whole, its handlers' names too.
 * @throws ConfigurationError with every fault that there is
 */
export function createRegistry(
  configuration: HoldfastConfiguration,
  connections: Pick<ProviderConnections, 'outgoing'>,
): Registry {
  const faults = checkConfiguration(configuration);
  if (faults.length > 0) throw new ConfigurationError(faults);
  const providers = new Map(
    Object.entries(configuration.providers ?? {}).map(([name, declaration]) => [
      name,
      toProvider(name, declaration, connections.outgoing(declaration)),
    ]),
  );
  return {
    get: (name) => providers.get(name),
    names: () => [...providers.keys()].sort(),
  };
}

function toProvider(
  name: string,
  { webhook, ...declaration }: ProviderDeclaration,
  outgoing: Outgoing,
): Provider {
  const label = declaration.label ?? name.charAt(0).toUpperCase() + name.slice(1);
  const fetchesKeys = webhook?.scheme === 'google-pubsub';
  const connected = fetchesKeys ? { ...webhook, outgoing } : webhook;
  return Object.freeze({
    ...declaration,
    ...(connected === undefined ? {} : { webhook: connected }),
    ...{ name, label, outgoing },
  });
}
