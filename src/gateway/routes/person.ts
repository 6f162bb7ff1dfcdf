import cookie from '@fastify/cookie';
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { GatewayDeps } from '../deps';
import { jsonBody } from '../plugins/json-body';
import { person } from '../plugins/person';
import { pauseRoutes } from './pause';

/** What a person may ask about themselves; every path names them as `:userId`. */
export const personRoutes: FastifyPluginCallbackTypebox<GatewayDeps> = (app, deps, done) => {
  void app.register(cookie);
  void app.register(person, deps);
  void app.register(jsonBody);
  void app.register(pauseRoutes, deps);
  done();
};
