import type { CredentialInvalidated } from '../../workflows/contract/messages';
import { integrationsUsing, logDeaths, markDead } from '../../src/db/queries/credentials/death';
import { readCredential } from '../../src/db/queries/credentials/row';
import type { Pool } from '../../src/db/pool';
import type { Logger } from '../../src/lib/log';
import type { Actors } from '../../src/temporal/actors';
import { signalPaced } from '../../src/temporal/paced-signals';

export interface InvalidateDeps {
  pool: Pool;
  actors: Pick<Actors, 'credentialInvalidated'>;
  log: Logger;
}

/**
 * Marks a version dead and tells every integration that uses the credential. Run again it tells them
 * again, which changes nothing.
 */
export async function invalidateCredential(
  { pool, actors, log }: InvalidateDeps,
  death: CredentialInvalidated,
): Promise<void> {
  const { credentialId, version } = death;
  logDeaths(log, await markDead(pool, [death]));
  const row = await readCredential(pool, credentialId);
  if (row?.state !== 'dead' || row.version !== version) return;
  const users = await integrationsUsing(pool, credentialId);
  const [failure] = await signalPaced(users, (id) => actors.credentialInvalidated(id, death));
  if (failure !== undefined) throw failure;
}
