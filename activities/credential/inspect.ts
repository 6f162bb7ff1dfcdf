import { scheduleProbe } from '../../src/db/queries/credentials/probe';
import { readCredential } from '../../src/db/queries/credentials/row';
import type { Pool } from '../../src/db/pool';
import type { Registry } from '../../src/providers/registry';
import { probeDelayMs } from './probe-schedule';
import type { CredentialRow } from '../../workflows/contract/status';

/**
 * Reads the credential's row, less its tokens. Where nobody has said yet when the provider is to be asked about the
 * token, or the provider has lost its probe since, that is written first.
 *
 * @returns null where there is none
 */
export function createInspectCredential({ pool, registry }: { pool: Pool; registry: Registry }) {
  return async function inspectCredential(input: {
    credentialId: string;
  }): Promise<CredentialRow | null> {
    const { credentialId: id } = input;
    const row = await readCredential(pool, id);
    if (row === null) return null;
    const delayMs = probeDelayMs(registry.get(row.provider) ?? {}, Math.random());
    if ((row.probeAt === null) === (delayMs === null)) return row;
    await scheduleProbe(pool, { id, version: row.version }, delayMs);
    return readCredential(pool, id);
  };
}
