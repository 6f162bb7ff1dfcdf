import { testNumber } from './database';

export const addressVariable = 'HOLDFAST_TEST_TEMPORAL_ADDRESS';

/** Made when the server starts, with search attributes: making one later takes seconds to be seen. */
export const namespaceNames = Array.from({ length: 200 }, (_, index) => `test-${index + 1}`);

/** A namespace that no other caller of this run gets. */
export async function testTemporal(): Promise<{ address: string; namespace: string }> {
  const address = process.env[addressVariable];
  if (address === undefined) throw new Error('global setup has not run');
  const namespace = namespaceNames[(await testNumber('namespaces')) - 1];
  if (namespace === undefined) throw new Error('all test namespaces are taken: make more');
  return { address, namespace };
}
