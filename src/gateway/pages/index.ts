import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { GatewayDeps } from '../deps';
import { pages } from './send-page';
import { otherName } from './other-name';
import { connectionPageRoutes } from './routes/connections';
import { oauthCallbackRoutes } from './routes/oauth-callback';
import { oauthConfirmRoutes } from './routes/oauth-confirm';
import { oauthStartRoutes } from './routes/oauth-start';
import { reconnectRoutes } from './routes/reconnect';
import { sessionLinkRoutes } from './routes/session-link';
import { signOutRoutes } from './routes/sign-out';

/** Everything that a person's browser asks for. */
export const browserRoutes: FastifyPluginCallbackTypebox<GatewayDeps> = (app, deps, done) => {
  void app.register(otherName, deps.config);
  void app.register(pages);
  void app.register(connectionPageRoutes, deps);
  void app.register(sessionLinkRoutes, deps);
  void app.register(oauthStartRoutes, deps);
  void app.register(oauthCallbackRoutes, deps);
  void app.register(oauthConfirmRoutes, deps);
  void app.register(reconnectRoutes, deps);
  void app.register(signOutRoutes, deps);
  done();
};
