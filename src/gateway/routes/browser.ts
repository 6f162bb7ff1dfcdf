import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { GatewayDeps } from '../deps';
import { pages } from '../plugins/pages';
import { connectionPageRoutes } from './connections';
import { oauthCallbackRoutes } from './oauth-callback';
import { oauthStartRoutes } from './oauth-start';
import { reconnectRoutes } from './reconnect';
import { sessionLinkRoutes } from './session-link';
import { signOutRoutes } from './sign-out';

/** Everything that a person's browser asks for. */
export const browserRoutes: FastifyPluginCallbackTypebox<GatewayDeps> = (app, deps, done) => {
  void app.register(pages);
  void app.register(connectionPageRoutes, deps);
  void app.register(sessionLinkRoutes, deps);
  void app.register(oauthStartRoutes, deps);
  void app.register(oauthCallbackRoutes, deps);
  void app.register(reconnectRoutes, deps);
  void app.register(signOutRoutes, deps);
  done();
};
