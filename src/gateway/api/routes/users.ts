import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { ActorSignals, Encryption, Providers, Rows } from '../../deps';
import { deleteUser } from '../operations/delete-user';
import { nameText } from '../../http/schemas/text';

const params = Type.Object({ userId: nameText });

/** What the application does with a person as a whole. */
export const userRoutes: FastifyPluginCallbackTypebox<
  Rows & Encryption & Providers & ActorSignals
> = (app, deps, done) => {
  app.delete('/users/:userId', { schema: { params } }, async (request, reply) => {
    await deleteUser(deps, request.params.userId);
    return reply.status(204).send();
  });
  done();
};
