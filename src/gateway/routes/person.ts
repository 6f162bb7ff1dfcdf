import cookie from '@fastify/cookie';
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { GatewayDeps } from '../deps';
import { jsonBody } from '../plugins/json-body';
import { person } from '../plugins/person';
import { pauseRoutes } from './pause';

/** What a person may ask about themselves; every path names them as `:userId`. */
export const personRoutes: FastifyPluginCallbackTypebox<GatewayDeps> = (app, deps, done) => {
  void app.register(
    (api, _options, ready) => {
      void api.register(cookie);
      void api.register(person, deps);
      void api.register(jsonBody);
      void api.register(pauseRoutes, deps);
      ready();
    },
    { prefix: '/api' },
  );
  done();
};
