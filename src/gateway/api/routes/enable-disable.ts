import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Logger } from '../../../lib/log';
import type { ActorUpdates, Encryption, Providers, Rows, Settings } from '../../deps';
import { audited } from '../../operations/audit';
import { switchIntegration } from '../../operations/enable-disable';
import { pathId } from '../../http/path-ids';
import { freeText, optionalBody } from '../../http/schemas/text';
import { readView } from '../views/integration';

const schema = {
  params: Type.Object({ id: Type.String() }),
  body: optionalBody(
    Type.Object({ reason: Type.Optional(freeText(500)) }, { additionalProperties: false }),
  ),
};

/** The application's word as to whether an integration runs; its actor decides. */
export const enableDisableRoutes: FastifyPluginCallbackTypebox<
  Rows & Settings & Encryption & Providers & ActorUpdates & { log: Logger }
> = (app, deps, done) => {
  for (const direction of ['enable', 'disable'] as const) {
    app.post(`/integrations/:id/${direction}`, { schema }, async (request) => {
      const id = pathId('int', request.params.id);
      await readView(deps, id);
      const record = await audited(deps, request, {
        action: `integration.${direction}d`,
        integrationId: id,
      });
      await record(deps.pool);
      await switchIntegration(deps, id, direction, {
        by: 'application',
        reason: request.body?.reason,
      });
      return readView(deps, id);
    });
  }
  done();
};
