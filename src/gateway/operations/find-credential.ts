import {
  type IntegrationCredential,
  integrationExists,
  readIntegrationCredential,
} from '../../db/queries/credentials/of-integration';
import type { Queryable } from '../../db/pool';
import { HoldfastError } from '../../lib/errors';
import { notFound } from '../http/path-ids';

/** @throws HoldfastError `integration_not_found`, `credential_not_found` */
export async function findCredential(
  client: Queryable,
  integrationId: string,
  name: string,
): Promise<IntegrationCredential> {
  const credential = await readIntegrationCredential(client, integrationId, name);
  if (credential !== undefined) return credential;
  if (!(await integrationExists(client, integrationId))) throw notFound('int');
  throw new HoldfastError(
    'credential_not_found',
    `The integration has no credential called "${name}".`,
  );
}
