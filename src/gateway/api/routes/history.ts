import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { integrationExists } from '../../../db/queries/credentials/of-integration';
import { listRejections, type RejectionRow } from '../../../db/queries/deliveries/rejections';
import { listTransitions, type TransitionRow } from '../../../db/queries/integrations/transitions';
import type { Providers, Rows } from '../../deps';
import { checkProvider } from '../operations/checks';
import { notFound, pathId } from '../../http/path-ids';
import { pageProperties, toPage, toPageRequest } from '../../http/schemas/page';

const schema = {
  params: Type.Object({ id: Type.String() }),
  querystring: Type.Object(pageProperties, { additionalProperties: false }),
};

function transitionView(row: TransitionRow) {
  const { number, from, to, code, reason, by, credential, version, at } = row;
  return { number, from, to, code, reason, by, credential, version, at };
}

function rejectionView(row: RejectionRow) {
  const { at, reason, sourceAddress, count, firstAt, sizeBytes } = row;
  return { at, reason, sourceAddress, count, firstAt, lastAt: at, sizeBytes };
}

/** What happened to an integration: its changes of status, and the requests that were not let in. */
export const historyRoutes: FastifyPluginCallbackTypebox<Rows & Providers> = (
  app,
  { pool, registry },
  done,
) => {
  const existing = async (id: string) => {
    const integrationId = pathId('int', id);
    if (!(await integrationExists(pool, integrationId))) throw notFound('int');
    return integrationId;
  };

  app.get('/integrations/:id/transitions', { schema }, async ({ params, query }) => {
    const page = toPageRequest(query, 'number');
    const rows = await listTransitions(pool, await existing(params.id), page);
    return toPage(rows, page, transitionView);
  });

  app.get('/integrations/:id/rejections', { schema }, async ({ params, query }) => {
    const page = toPageRequest(query, 'number');
    const rows = await listRejections(pool, { integrationId: await existing(params.id) }, page);
    return toPage(rows, page, rejectionView);
  });

  // What came to the address of an application and belonged to no integration.
  app.get(
    '/providers/:provider/rejections',
    { schema: { ...schema, params: Type.Object({ provider: Type.String() }) } },
    async ({ params, query }) => {
      const page = toPageRequest(query, 'number');
      const { name } = checkProvider(registry, params.provider);
      const rows = await listRejections(pool, { provider: name }, page);
      return toPage(rows, page, (row) => ({ ...rejectionView(row), account: row.account }));
    },
  );
  done();
};
