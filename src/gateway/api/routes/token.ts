import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { giveToken, replaceToken, type TokenDeps } from '../operations/access-token';
import { pathId } from '../../http/path-ids';
import { credentialNamePattern } from '../../http/schemas/text';

const params = Type.Object({ id: Type.String() });
const credential = Type.Optional(Type.String({ pattern: credentialNamePattern }));
const strict = { additionalProperties: false };
const defaultName = 'main';
const config = { scope: 'tokens' } as const;

/** The application's own use of a token. */
export const tokenRoutes: FastifyPluginCallbackTypebox<TokenDeps> = (app, deps, done) => {
  app.addHook('onSend', (_request, reply, _payload, next) => {
    reply.header('cache-control', 'no-store');
    next();
  });

  app.get(
    '/integrations/:id/token',
    { config, schema: { params, querystring: Type.Object({ credential }, strict) } },
    (request) =>
      giveToken(deps, pathId('int', request.params.id), request.query.credential ?? defaultName),
  );

  app.post(
    '/integrations/:id/token/reject',
    {
      config,
      schema: {
        params,
        body: Type.Object({ credential, version: Type.Integer({ minimum: 1 }) }, strict),
      },
    },
    (request) =>
      replaceToken(
        deps,
        pathId('int', request.params.id),
        request.body.credential ?? defaultName,
        request.body.version,
      ),
  );
  done();
};
