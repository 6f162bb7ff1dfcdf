import { workflowIds } from '../../../workflows/contract/ids';
import { noteDeletedActors } from '../../db/queries/integrations/deleted-actors';
import {
  deleteIntegrationRows,
  deleteSomeDeliveries,
  markDeleted,
} from '../../db/queries/integrations/delete';
import { listBackgroundReplays } from '../../db/queries/replays/list';
import { lockConfirmationsOf } from '../../db/queries/people/confirmation-ends';
import { queueRevocations } from '../../db/queries/credentials/revocations';
import { inTransaction } from '../../db/transaction';
import { mayRevoke } from '../../oauth/revoke';
import { deleteUnconfirmed } from '../../retention/unconfirmed';
import type { ActorSignals, Encryption, Providers, Rows } from '../deps';
import { notFound } from '../http/path-ids';
import type { WriteAudit } from './audit';
import { wakeActors } from './signal-actors';

/** Whose rows are gone. */
export interface DeletedActors {
  integrationIds: readonly string[];
  credentialIds: string[];
}

/** Leaves nothing in Postgres. Broken off, it is finished by asking again. */
export async function deleteIntegration(
  deps: Rows & Providers & Encryption & ActorSignals,
  id: string,
  record: WriteAudit,
): Promise<void> {
  await inTransaction(deps.pool, async (client) => {
    if (!(await markDeleted(client, id))) throw notFound('int');
    await record(client);
  });
  await endActors(deps, await deleteMarked(deps, [id]));
}

/** Deletes integrations that have their tombstones, with the credentials that nobody else uses. */
export async function deleteMarked(
  deps: Rows & Providers & Encryption & ActorSignals,
  integrationIds: readonly string[],
): Promise<DeletedActors> {
  const { pool, registry } = deps;
  while ((await deleteSomeDeliveries(pool, integrationIds)) > 0);
  return inTransaction(pool, async (client) => {
    // First, as whoever confirms does, who then waits for the credentials.
    const unconfirmed = await lockConfirmationsOf(client, { integrationIds });
    const replayIds = await listBackgroundReplays(client, integrationIds);
    const credentials = await deleteIntegrationRows(client, integrationIds);
    const revocable = credentials.filter(({ provider: name }) => {
      const provider = registry.get(name);
      // What is missing in the configuration may come back.
      return provider === undefined || mayRevoke(provider);
    });
    await queueRevocations(client, revocable);
    const revoked = await deleteUnconfirmed(client, deps, unconfirmed);
    const credentialIds = [...credentials.map((credential) => credential.id), ...revoked];
    await noteDeletedActors(client, [
      ...integrationIds.map((id) => workflowIds.integration(id)),
      ...integrationIds.map((id) => workflowIds.notification(id)),
      ...credentialIds.map((id) => workflowIds.credential(id)),
      ...replayIds.map((id) => workflowIds.replay(id)),
    ]);
    return { integrationIds, credentialIds };
  });
}

export function endActors(
  { actors, log }: ActorSignals,
  { integrationIds, credentialIds }: DeletedActors,
): Promise<void> {
  return wakeActors(log, [
    ...integrationIds.map((id) => () => actors.integrationDeleted(id)),
    ...credentialIds.map((id) => () => actors.credentialDeleted(id)),
  ]);
}
