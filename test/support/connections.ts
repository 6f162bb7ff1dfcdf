import { createProviderConnections } from '../../src/destinations/agent';
import type { HoldfastConfiguration } from '../../src/providers/provider';
import { createRegistry, type Registry } from '../../src/providers/registry';

/** As where the application and its providers are on one machine. */
export const openRules = { privateDestinations: 'allow', ownServers: [] } as const;

const openConnections = createProviderConnections(openRules);
export const openOutgoing = openConnections.outgoing({});

/** Of providers that are servers of the tests', on loopback. */
export const openRegistry = (configuration: HoldfastConfiguration): Registry =>
  createRegistry(configuration, openConnections);
