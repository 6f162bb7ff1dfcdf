import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { deliveryStates, listDeliveries, readDelivery } from '../../../db/queries/deliveries/list';
import { integrationExists } from '../../../db/queries/credentials/of-integration';
import type { Providers, Rows } from '../../deps';
import { notFound, pathId } from '../../http/path-ids';
import { pageProperties, toPage, toPageRequest } from '../../http/schemas/page';
import { oneOf } from '../../http/schemas/text';
import { deliveryView, wholeDeliveryView } from '../views/delivery';

const params = Type.Object({ id: Type.String() });
const querystring = Type.Object(
  { ...pageProperties, state: Type.Optional(oneOf(deliveryStates)) },
  { additionalProperties: false },
);

/** What was received, and what became of it. */
export const deliveryRoutes: FastifyPluginCallbackTypebox<Rows & Providers> = (
  app,
  { pool, registry },
  done,
) => {
  app.get(
    '/integrations/:id/deliveries',
    { schema: { params, querystring } },
    async ({ params: { id }, query }) => {
      const integrationId = pathId('int', id);
      const page = toPageRequest(query);
      if (!(await integrationExists(pool, integrationId))) throw notFound('int');
      const rows = await listDeliveries(pool, { integrationId, state: query.state }, page);
      return toPage(rows, page, deliveryView);
    },
  );

  app.get('/deliveries/:id', { schema: { params } }, async (request) => {
    const row = await readDelivery(pool, pathId('dlv', request.params.id));
    if (row === undefined) throw notFound('dlv');
    return wholeDeliveryView(row, registry.get(row.provider)?.webhook);
  });
  done();
};
