import cookie from '@fastify/cookie';
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { createHub } from '../../live/hub';
import { createStatusReader } from '../../live/status-reader';
import type { GatewayDeps } from '../deps';
import { cors } from '../plugins/cors';
import { jsonBody } from '../plugins/json-body';
import { person } from '../plugins/person';
import { connectorStatusRoutes } from './connector-status';
import { connectorSwitchRoutes } from './connector-switches';
import { pauseRoutes } from './pause';
import { userEventRoutes } from './user-events';

/** What a person may ask about themselves; every path names them as `:userId`. */
export const personRoutes: FastifyPluginCallbackTypebox<GatewayDeps> = (app, deps, done) => {
  const { pool, config, registry, log } = deps;
  const readStatuses = createStatusReader(pool, log, { registry, publicUrl: config.publicUrl });
  const hub = createHub({ pool, read: readStatuses, log });
  void app.register(
    (api, _options, ready) => {
      void api.register(cors, config);
      void api.register(cookie);
      void api.register(person, deps);
      void api.register(jsonBody);
      void api.register(connectorStatusRoutes, { readStatuses });
      void api.register(userEventRoutes, { hub });
      void api.register(connectorSwitchRoutes, { ...deps, readStatuses });
      void api.register(pauseRoutes, deps);
      ready();
    },
    { prefix: '/api' },
  );
  done();
};
