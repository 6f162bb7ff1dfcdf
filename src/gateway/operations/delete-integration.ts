import {
  deleteIntegrationRow,
  deleteSomeDeliveries,
  markDeleted,
} from '../../db/queries/integration-delete';
import { inTransaction } from '../../db/transaction';
import type { GatewayDeps } from '../deps';
import { notFound } from '../path-ids';
import { wakeActors } from './wake-actors';

/** Leaves nothing in Postgres. Broken off, it is finished by asking again. */
export async function deleteIntegration(
  { pool, actors, log }: Pick<GatewayDeps, 'pool' | 'actors' | 'log'>,
  id: string,
): Promise<void> {
  if (!(await markDeleted(pool, id))) throw notFound('int');
  while ((await deleteSomeDeliveries(pool, id)) > 0);
  const credentialIds = await inTransaction(pool, (client) => deleteIntegrationRow(client, id));
  await wakeActors(log, [
    actors.integrationDeleted(id),
    ...credentialIds.map((credentialId) => actors.credentialDeleted(credentialId)),
  ]);
}
