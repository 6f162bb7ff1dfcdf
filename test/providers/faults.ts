import type { HoldfastConfiguration } from '../../src/providers/provider';
import { ConfigurationError } from '../../src/providers/registry';
import { openRegistry } from '../support/connections';

/** The faults of a configuration; typed loosely, as a JavaScript file is. */
export function faultsOf(configuration: unknown): readonly string[] {
  try {
    openRegistry(configuration as HoldfastConfiguration);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
}

export const faultsOfProvider = (acme: unknown) => faultsOf({ providers: { acme } });
