import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { type Connection, readConnections } from '../../db/queries/connections';
import { connectionsPage, type ConnectionView } from '../../web/connections-page';
import { browserSession } from '../browser-session';
import { signedOut } from '../connect-failures';
import type { GatewayDeps } from '../deps';
import { sendPage } from '../plugins/pages';

/** What a signed-in person finds at the root. */
export const connectionPageRoutes: FastifyPluginCallbackTypebox<
  Pick<GatewayDeps, 'pool' | 'config' | 'registry'>
> = (app, deps, done) => {
  const { pool, config, registry } = deps;
  app.get('/', async (request, reply) => {
    const session = await browserSession(deps, request);
    if (session === undefined) throw signedOut(config.appName);
    const connections = await readConnections(pool, session.userId);
    const views = connections.map((connection): ConnectionView => {
      const provider = registry.get(connection.provider);
      const reconnectUrl =
        provider?.oauth === undefined ? undefined : `/reconnect/${connection.integrationId}`;
      return {
        name: connection.name,
        provider: provider?.label ?? connection.provider,
        standing: standingOf(connection),
        reconnectUrl,
      };
    });
    return sendPage(reply, connectionsPage(session.userLabel ?? session.userId, views));
  });
  done();
};

function standingOf({ status, health }: Connection): ConnectionView['standing'] {
  if (status === 'DISABLED') return 'off';
  if (status === 'ERROR') return 'broken';
  return health === 'healthy' ? 'working' : 'troubled';
}
