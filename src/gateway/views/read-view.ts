import { readIntegrationView } from '../../db/queries/integrations/api-view';
import type { GatewayDeps } from '../deps';
import { notFound } from '../http/path-ids';
import { integrationView } from '../api/views/integration';

/** @throws HoldfastError `integration_not_found` */
export async function readView({ pool, config }: Pick<GatewayDeps, 'pool' | 'config'>, id: string) {
  const row = await readIntegrationView(pool, id);
  if (row === undefined) throw notFound('int');
  return integrationView(row, config.publicUrl);
}
