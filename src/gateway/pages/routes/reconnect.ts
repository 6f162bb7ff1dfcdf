import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { readIntegrationCredential } from '../../../db/queries/credentials/of-integration';
import { browserSession } from '../../http/browser-session';
import { notYours } from '../connect/failures';
import type { Rows, Settings } from '../../deps';
import { noteSubject } from '../../http/failure-log';
import { sendToSignIn } from '../sign-in';
import { reconnectPath, startPath, wayBack } from '../links';

const schema = { params: Type.Object({ id: Type.String({ pattern: '^int_[A-Za-z0-9]{1,60}$' }) }) };

/** The address in notices and banners: it carries no token, and who follows it has to be signed in. */
export const reconnectRoutes: FastifyPluginCallbackTypebox<Rows & Settings> = (app, deps, done) => {
  const { config, pool } = deps;
  app.get('/reconnect/:id', { schema }, async (request, reply) => {
    const { id } = request.params;
    noteSubject(request, { integrationId: id });
    const session = await browserSession(deps, request);
    if (session === undefined)
      return sendToSignIn(config, request, reply, reconnectPath(config, id));
    const credential = await readIntegrationCredential(pool, id);
    if (credential?.userId !== session.userId)
      throw notYours(config.appName, wayBack(config, session.returnTo));
    return reply.redirect(startPath(config, credential.provider, id, credential.name), 302);
  });
  done();
};
