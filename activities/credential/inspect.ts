import { scheduleProbe } from '../../src/db/queries/credentials/probe';
import { readCredential } from '../../src/db/queries/credentials/row';
import type { Pool } from '../../src/db/pool';
import { probeAddress } from '../../src/oauth/probe';
import type { Registry } from '../../src/providers/registry';
import { probeDelayMs } from './probe-schedule';
import type { CredentialRow } from '../../workflows/contract/status';

/**
 * Reads the credential's row, less its tokens. Where nobody has said yet when the provider is to be asked about the
 * token, or the provider can't be asked any more, that is written first.
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
    const provider = registry.get(row.provider);
    const delayMs = probeDelayMs(provider ?? {}, Math.random());
    // Without a declared probe an event of the provider's may have it asked once, at its account address.
    const mayBeAsked = provider !== undefined && probeAddress(provider) !== undefined;
    if (row.probeAt === null ? delayMs === null : mayBeAsked) return row;
    await scheduleProbe(pool, { id, version: row.version }, delayMs);
    return readCredential(pool, id);
  };
}
