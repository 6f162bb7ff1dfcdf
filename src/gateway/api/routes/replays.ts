import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { integrationExists } from '../../../db/queries/credentials/of-integration';
import {
  cancelReplay,
  listReplays,
  readReplay,
  type ReplayRow,
} from '../../../db/queries/replays/list';
import { inTransaction } from '../../../db/transaction';
import type { Encryption } from '../../deps';
import { notFound, pathId } from '../../http/path-ids';
import { pageProperties, toPage, toPageRequest } from '../../http/schemas/page';
import { optionalBody } from '../../http/schemas/text';
import { audited, auditor } from '../../operations/audit';
import { createReplay, replayDelivery, type ReplayDeps } from '../operations/create-replay';
import { replayBody, toReplayChoice } from '../schemas/replay-body';

const params = Type.Object({ id: Type.String() });
const nothing = Type.Object({}, { additionalProperties: false });
const querystring = Type.Object(pageProperties, { additionalProperties: false });

/** What has ended is put at the end of the queue again, as it was received. */
export const replayRoutes: FastifyPluginCallbackTypebox<ReplayDeps & Encryption> = (
  app,
  deps,
  done,
) => {
  const { pool } = deps;

  app.post(
    '/deliveries/:id/replay',
    { schema: { params, body: optionalBody(nothing) } },
    async (request, reply) => {
      reply.status(202);
      return replayDelivery(deps, pathId('dlv', request.params.id), auditor(deps, request));
    },
  );

  app.post(
    '/integrations/:id/replay',
    { schema: { params, body: optionalBody(replayBody) } },
    async (request, reply) => {
      const integrationId = pathId('int', request.params.id);
      reply.status(202);
      return createReplay(
        deps,
        integrationId,
        toReplayChoice(request.body),
        auditor(deps, request),
      );
    },
  );

  app.get(
    '/integrations/:id/replays',
    { schema: { params, querystring } },
    async ({ params: { id }, query }) => {
      const integrationId = pathId('int', id);
      const page = toPageRequest(query);
      if (!(await integrationExists(pool, integrationId))) throw notFound('int');
      return toPage(await listReplays(pool, integrationId, page), page, replayView);
    },
  );

  const find = async (id: string) => {
    const row = await readReplay(pool, id);
    if (row === undefined) throw notFound('rpl');
    return row;
  };

  app.get('/replays/:id', { schema: { params } }, async (request) =>
    replayView(await find(pathId('rpl', request.params.id))),
  );

  // Answers how far it came: what is in the queue stays there.
  app.delete('/replays/:id', { schema: { params } }, async (request) => {
    const id = pathId('rpl', request.params.id);
    const { integrationId } = await find(id);
    const record = await audited(deps, request, { action: 'replay.cancelled', integrationId });
    await inTransaction(pool, async (client) => {
      if (await cancelReplay(client, id)) await record(client);
    });
    return replayView(await find(id));
  });
  done();
};

/** A replay, and how far it came. Dates become RFC 3339 in UTC when they are written. */
function replayView(row: ReplayRow) {
  const { id, integrationId, deliveryId, state, from, to, count, done } = row;
  const { createdAt, endedAt, endReason, cancelledAt } = row;
  return {
    ...{ id, integrationId, deliveryId, state, from, to, count, done },
    ...{ createdAt, endedAt, endReason, cancelledAt },
  };
}
