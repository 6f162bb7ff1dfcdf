import cookie from '@fastify/cookie';
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { createHub } from '../../live/hub';
import { createStatusReader } from '../../live/status-reader';
import type { GatewayDeps } from '../deps';
import type { ApiKeys } from '../http/api-key';
import { cors } from './cors';
import { jsonBody } from '../http/json-body';
import { person } from './authenticate';
import { connectorLinkRoutes } from './routes/link';
import { connectorStatusRoutes } from './routes/status';
import { connectorSwitchRoutes } from './routes/connections';
import { pauseRoutes } from './routes/pause';
import { userEventRoutes } from './routes/events';

/** What a person may ask about themselves; every path names them as `:userId`. */
export const personRoutes: FastifyPluginCallbackTypebox<GatewayDeps & { apiKeys: ApiKeys }> = (
  app,
  deps,
  done,
) => {
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
      void api.register(userEventRoutes, { ...deps, hub });
      void api.register(connectorSwitchRoutes, { ...deps, readStatuses });
      void api.register(connectorLinkRoutes, deps);
      void api.register(pauseRoutes, deps);
      ready();
    },
    { prefix: '/api' },
  );
  done();
};
