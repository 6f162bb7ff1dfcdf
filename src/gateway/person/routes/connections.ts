import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { HoldfastError } from '../../../lib/errors';
import type { StatusReader } from '../../../live/status-reader';
import type { ActorSignals, ActorUpdates, Encryption, Providers, Rows } from '../../deps';
import { audited } from '../../operations/audit';
import { deleteIntegration } from '../../operations/delete-integration';
import { switchIntegration } from '../../operations/enable-disable';
import { findConnection, unknownConnection } from '../find-connection';
import { noteSubject } from '../../http/failure-log';
import { freeText, nameText, optionalBody } from '../../http/schemas/text';

const params = Type.Object({ userId: nameText, name: nameText });
const body = optionalBody(
  Type.Object({ reason: Type.Optional(freeText(500)) }, { additionalProperties: false }),
);

/** A person's word about one of their connections: what the application may ask for, by its name. */
export const connectorSwitchRoutes: FastifyPluginCallbackTypebox<
  Rows & Encryption & Providers & ActorSignals & ActorUpdates & { readStatuses: StatusReader }
> = (app, deps, done) => {
  const { pool, registry, log, readStatuses } = deps;

  for (const direction of ['enable', 'disable'] as const) {
    const path = `/users/:userId/connectors/:name/${direction}`;
    const config = { sessionScope: 'manage' } as const;
    app.post(path, { schema: { params, body }, config }, async (request) => {
      const { userId, name } = request.params;
      const { id, provider } = await findConnection(pool, userId, name);
      noteSubject(request, { integrationId: id });
      const record = await audited(deps, request, {
        action: `integration.${direction}d`,
        integrationId: id,
      });
      await record(pool);
      await switchIntegration(deps, id, direction, {
        by: request.personSession === null ? 'application' : 'user',
        reason: request.body?.reason,
      }).catch((error: unknown) => {
        throw forPeople(error, registry.get(provider)?.label ?? provider);
      });
      const { connectors = {} } = (await readStatuses([userId])).get(userId) ?? {};
      // A connection may be called `constructor`.
      if (!Object.hasOwn(connectors, name)) throw unknownConnection();
      return connectors[name];
    });
  }

  const path = '/users/:userId/connectors/:name';
  app.delete(path, { schema: { params } }, async (request, reply) => {
    const { userId, name } = request.params;
    const { id } = await findConnection(pool, userId, name);
    noteSubject(request, { integrationId: id });
    const what = { action: 'integration.deleted', integrationId: id } as const;
    await deleteIntegration(deps, id, await audited(deps, request, what));
    const by = request.personSession === null ? 'application' : 'user';
    log.info(
      { event: 'integration.deleted', integrationId: id, by, requestId: request.id },
      'An integration was deleted',
    );
    return reply.status(204).send();
  });
  done();
};

/** The actor's own sentence names credentials, which people never see. */
function forPeople(error: unknown, label: string): unknown {
  if (!(error instanceof HoldfastError) || error.code !== 'credential_dead') return error;
  return new HoldfastError(
    'credential_dead',
    `${label} has to be connected again first; switching it on is not enough.`,
    { cause: error },
  );
}
