import { workflowIds } from '../../../workflows/contract';
import { noteDeletedActors } from '../../db/queries/deleted-actors';
import {
  deleteIntegrationRow,
  deleteSomeDeliveries,
  markDeleted,
} from '../../db/queries/integration-delete';
import { queueRevocations } from '../../db/queries/revocations';
import { inTransaction } from '../../db/transaction';
import { mayRevoke } from '../../oauth/revoke';
import type { GatewayDeps } from '../deps';
import { notFound } from '../path-ids';
import { wakeActors } from './wake-actors';

type Deps = Pick<GatewayDeps, 'pool' | 'actors' | 'registry' | 'log'>;

/** Whose rows are gone. */
export interface DeletedActors {
  integrationId: string;
  credentialIds: string[];
}

/** Leaves nothing in Postgres. Broken off, it is finished by asking again. */
export async function deleteIntegration(deps: Deps, id: string): Promise<void> {
  if (!(await markDeleted(deps.pool, id))) throw notFound('int');
  await endActors(deps, [await deleteMarked(deps, id)]);
}

/** Deletes an integration that has its tombstone, with the credentials that nobody else uses. */
export async function deleteMarked({ pool, registry }: Deps, id: string): Promise<DeletedActors> {
  while ((await deleteSomeDeliveries(pool, id)) > 0);
  return inTransaction(pool, async (client) => {
    const credentials = await deleteIntegrationRow(client, id);
    const revocable = credentials.filter(({ provider: name }) => {
      const provider = registry.get(name);
      // What is missing in the configuration may come back.
      return provider === undefined || mayRevoke(provider);
    });
    await queueRevocations(client, revocable);
    const credentialIds = credentials.map((credential) => credential.id);
    await noteDeletedActors(client, [
      workflowIds.integration(id),
      workflowIds.notification(id),
      ...credentialIds.map((credentialId) => workflowIds.credential(credentialId)),
    ]);
    return { integrationId: id, credentialIds };
  });
}

export function endActors({ actors, log }: Deps, gone: readonly DeletedActors[]): Promise<void> {
  const messages = gone.flatMap(({ integrationId, credentialIds }) => [
    actors.integrationDeleted(integrationId),
    ...credentialIds.map((credentialId) => actors.credentialDeleted(credentialId)),
  ]);
  return wakeActors(log, messages);
}
