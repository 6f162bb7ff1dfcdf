import { testNumber } from './database';

export const addressVariable = 'HOLDFAST_TEST_TEMPORAL_ADDRESS';
/** All ports that it listens at, comma-separated. */
export const portsVariable = 'HOLDFAST_TEST_TEMPORAL_PORTS';
export const namespacesVariable = 'HOLDFAST_TEST_TEMPORAL_NAMESPACES';

/** Made when the server starts, with search attributes: making one later takes seconds to be seen. */
export function namespaceNames(): string[] {
  const count = Number(process.env[namespacesVariable] ?? 0);
  return Array.from({ length: count }, (_, index) => `test-${index + 1}`);
}

/** A namespace that no other caller of this run gets. */
export async function testTemporal(): Promise<{ address: string; namespace: string }> {
  const address = process.env[addressVariable];
  if (address === undefined) throw new Error('Temporal was not started: see runner/needs.cjs');
  const namespace = namespaceNames()[(await testNumber('namespaces')) - 1];
  if (namespace === undefined) throw new Error('all test namespaces are taken: make more');
  return { address, namespace };
}
