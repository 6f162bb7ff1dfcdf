import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { switchesOn } from '../../../live/session-scope';
import { readConnections } from '../../../db/queries/people/connections';
import { listHoldsOver } from '../../../db/queries/holds';
import { connectionsPage } from '../../../web/pages/connections';
import { browserSession } from '../../http/browser-session';
import { basePath, ownPath } from '../../http/own-path';
import type { Providers, Rows, Settings } from '../../deps';
import { sendPage } from '../send-page';
import { sendToSignIn } from '../sign-in';
import { connectionViews } from '../views/connection';
import { backToApp } from '../links';

const limits = { connections: 200, count: 10_000, changes: 8 };

/** What a signed-in person finds at the root. */
export const connectionPageRoutes: FastifyPluginCallbackTypebox<Rows & Settings & Providers> = (
  app,
  deps,
  done,
) => {
  const { pool, config, registry } = deps;
  app.get('/', async (request, reply) => {
    const session = await browserSession(deps, request);
    if (session === undefined) return sendToSignIn(config, request, reply, ownPath(config, '/'));
    const { userId, userLabel, returnTo, scope } = session;
    const [connections, holds] = await Promise.all([
      readConnections(pool, userId, limits),
      listHoldsOver(pool, userId),
    ]);
    return sendPage(
      reply,
      connectionsPage({
        basePath: basePath(config),
        userId,
        person: userLabel ?? userId,
        scope,
        appName: config.appName,
        back: backToApp(config, returnTo),
        holds: holds.map((hold) => ({ ...hold, reason: hold.reason ?? undefined })),
        connections: connectionViews(
          connections.slice(0, limits.connections),
          { registry, config },
          { countLimit: limits.count, switchesOn: (id) => switchesOn(session, id) },
        ),
        andMore: connections.length > limits.connections,
      }),
    );
  });
  done();
};
