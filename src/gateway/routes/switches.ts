import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { HoldfastError } from '../../errors';
import type { GatewayDeps } from '../deps';
import { pathId } from '../path-ids';
import { freeText, optionalBody } from '../schemas/text';
import { readView } from '../views/read-view';

const schema = {
  params: Type.Object({ id: Type.String() }),
  body: optionalBody(
    Type.Object({ reason: Type.Optional(freeText(500)) }, { additionalProperties: false }),
  ),
};

/** The application's word as to whether an integration runs; its actor decides. */
export const switchRoutes: FastifyPluginCallbackTypebox<GatewayDeps> = (app, deps, done) => {
  for (const direction of ['enable', 'disable'] as const) {
    app.post(`/integrations/:id/${direction}`, { schema }, async (request) => {
      const id = pathId('int', request.params.id);
      // Asked first: the message would start an actor for any id.
      await readView(deps, id);
      await expectTemporal(deps);
      const reason = request.body?.reason;
      await deps.actors[direction](id, {
        by: 'application',
        ...(reason === undefined ? {} : { reason }),
      });
      return readView(deps, id);
    });
  }
  done();
};

/** An update waits for its actor for a minute; that there is no Temporal can be said at once. */
async function expectTemporal({ pingTemporal }: Pick<GatewayDeps, 'pingTemporal'>): Promise<void> {
  try {
    await pingTemporal();
  } catch (cause) {
    throw new HoldfastError('temporal_unavailable', 'Temporal does not answer at the moment.', {
      cause,
      retryAfterSeconds: 5,
    });
  }
}
