import { type CredentialRow, readCredential } from '../src/db/queries/credential-refresh';
import type { Pool } from '../src/db/pool';

export type CredentialFacts = CredentialRow;

/** @returns the credential's row, less its tokens; null where there is none */
export function createInspectCredential({ pool }: { pool: Pool }) {
  return async function inspectCredential(input: {
    credentialId: string;
  }): Promise<CredentialFacts | null> {
    return readCredential(pool, input.credentialId);
  };
}
