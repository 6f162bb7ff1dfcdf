import { workflowIds } from '../../../workflows/contract/ids';
import { noteDeletedActors } from '../../db/queries/integrations/deleted-actors';
import {
  deleteIntegrationRows,
  deleteSomeDeliveries,
  markDeleted,
} from '../../db/queries/integrations/delete';
import { listBackgroundReplays } from '../../db/queries/replays/list';
import { queueRevocations } from '../../db/queries/credentials/revocations';
import { inTransaction } from '../../db/transaction';
import { mayRevoke } from '../../oauth/revoke';
import type { ActorSignals, Providers, Rows } from '../deps';
import { notFound } from '../http/path-ids';
import { wakeActors } from './signal-actors';

/** Whose rows are gone. */
export interface DeletedActors {
  integrationIds: readonly string[];
  credentialIds: string[];
}

/** Leaves nothing in Postgres. Broken off, it is finished by asking again. */
export async function deleteIntegration(
  deps: Rows & Providers & ActorSignals,
  id: string,
): Promise<void> {
  if (!(await markDeleted(deps.pool, id))) throw notFound('int');
  await endActors(deps, await deleteMarked(deps, [id]));
}

/** Deletes integrations that have their tombstones, with the credentials that nobody else uses. */
export async function deleteMarked(
  { pool, registry }: Rows & Providers,
  integrationIds: readonly string[],
): Promise<DeletedActors> {
  while ((await deleteSomeDeliveries(pool, integrationIds)) > 0);
  return inTransaction(pool, async (client) => {
    const replayIds = await listBackgroundReplays(client, integrationIds);
    const credentials = await deleteIntegrationRows(client, integrationIds);
    const revocable = credentials.filter(({ provider: name }) => {
      const provider = registry.get(name);
      // What is missing in the configuration may come back.
      return provider === undefined || mayRevoke(provider);
    });
    await queueRevocations(client, revocable);
    const credentialIds = credentials.map((credential) => credential.id);
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
