import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { ActorSignals, Encryption, Providers, Rows } from '../../deps';
import { pathId } from '../../http/path-ids';
import { credentialNamePattern } from '../../http/schemas/text';
import { audited } from '../../operations/audit';
import { putTokens } from '../operations/put-tokens';
import { keepBackground } from '../operations/show-refresh-token';
import { tokenProperties, toGrant } from '../schemas/tokens';

const schema = {
  params: Type.Object({ id: Type.String(), name: Type.String({ pattern: credentialNamePattern }) }),
  body: Type.Object(
    { ...tokenProperties, resume: Type.Optional(Type.Boolean()) },
    { additionalProperties: false },
  ),
};

/** The application's own way to reauthorize. */
export const credentialRoutes: FastifyPluginCallbackTypebox<
  Rows & Encryption & Providers & ActorSignals
> = (app, deps, done) => {
  const { background, ended } = keepBackground(deps);
  app.addHook('onClose', ended);

  app.put(
    '/integrations/:id/credentials/:name',
    { schema, config: { scope: 'tokens' } },
    async (request) => {
      const { params, body } = request;
      const of = { integrationId: pathId('int', params.id), name: params.name };
      const { resume = false, ...tokens } = body;
      const { integrationId } = of;
      const record = await audited(deps, request, { action: 'tokens.put', integrationId });
      const version = await putTokens(
        { ...deps, background },
        of,
        toGrant(tokens, 'body'),
        resume,
        record,
      );
      return { version };
    },
  );
  done();
};
