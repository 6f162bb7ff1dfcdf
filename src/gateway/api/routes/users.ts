import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { ActorSignals, Encryption, Providers, Rows } from '../../deps';
import { audited } from '../../operations/audit';
import { deleteUser } from '../operations/delete-user';
import { nameText } from '../../http/schemas/text';

const params = Type.Object({ userId: nameText });

/** What the application does with a person as a whole. */
export const userRoutes: FastifyPluginCallbackTypebox<
  Rows & Encryption & Providers & ActorSignals
> = (app, deps, done) => {
  app.delete('/users/:userId', { schema: { params } }, async (request, reply) => {
    const { userId } = request.params;
    await deleteUser(
      deps,
      userId,
      await audited(deps, request, { action: 'user.deleted', userId }),
    );
    return reply.status(204).send();
  });
  done();
};
