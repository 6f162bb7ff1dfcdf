import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { equalSecrets } from '../../../crypto/hash';
import type { PlaygroundControl } from '../control';

const integrationId = Type.String();

/** The control for another process, which proves itself by Holdfast's API key. */
export const controlRoutes: FastifyPluginCallbackTypebox<{
  control: PlaygroundControl;
  apiKey: string;
}> = (app, { control, apiKey }, done) => {
  app.addHook('onRequest', async (request, reply) => {
    if (equalSecrets(request.headers.authorization ?? '', `Bearer ${apiKey}`)) return;
    await reply.status(401).send({ error: 'The API key is missing or wrong.' });
  });

  app.post(
    '/control/connect',
    { schema: { body: Type.Object({ userId: Type.String(), name: Type.String() }) } },
    ({ body }) => control.connect(body.userId, body.name),
  );
  app.post('/control/reconnect', { schema: { body: Type.Object({ integrationId }) } }, ({ body }) =>
    control.reconnect(body.integrationId),
  );
  app.post(
    '/control/revoke',
    { schema: { body: Type.Object({ account: Type.String() }) } },
    ({ body }) => ({ revoked: control.revokeGrants(body.account) }),
  );
  app.post(
    '/control/send',
    {
      schema: {
        body: Type.Object({ integrationId, count: Type.Integer({ minimum: 1, maximum: 1_000 }) }),
      },
    },
    async ({ body }) => ({ sent: await control.sendWebhooks(body.integrationId, body.count) }),
  );
  app.get(
    '/control/received',
    { schema: { querystring: Type.Object({ integrationId }) } },
    ({ query }) => ({ received: control.received(query.integrationId) }),
  );
  app.get('/control/counts', () => control.counts());
  done();
};
