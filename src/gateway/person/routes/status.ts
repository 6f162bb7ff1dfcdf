import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { StatusReader } from '../../../live/status-reader';
import { nameText } from '../../http/schemas/text';
import { shareReads } from '../../../lib/batch-reads';

const params = Type.Object({ userId: nameText });

/** How a person's connections are, from Postgres alone: also while Temporal is down. */
export const connectorStatusRoutes: FastifyPluginCallbackTypebox<{ readStatuses: StatusReader }> = (
  app,
  { readStatuses },
  done,
) => {
  const read = shareReads(readStatuses);
  app.get('/connectors/:userId/status', { schema: { params } }, (request) =>
    read(request.params.userId),
  );
  done();
};
