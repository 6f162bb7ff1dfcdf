import fastify, { type FastifyInstance } from 'fastify';
import { messageOf } from '../../lib/errors';
import type { Logger } from '../../lib/log';
import { createAuthorizationCodes } from './authorization-codes';
import type { ClientCredentials } from './client-authentication';
import { type PlaygroundControl, type PlaygroundParts, UnknownConnectionError } from './control';
import { HoldfastApiError } from './holdfast-api';
import { apiRoutes } from './routes/api';
import { controlRoutes } from './routes/control';
import { hookRoutes } from './routes/hook';
import { oauthRoutes } from './routes/oauth';
import { pageRoutes } from './routes/page';

export interface PlaygroundAppDeps {
  host: string;
  holdfastUrl: string;
  apiKey: string;
  client: ClientCredentials;
  parts: PlaygroundParts;
  control: PlaygroundControl;
  log: Logger;
}

/** One origin for all three: the provider, the application, and the page. */
export function createPlaygroundApp(deps: PlaygroundAppDeps): FastifyInstance {
  const { host, holdfastUrl, apiKey, client, parts, control, log } = deps;
  const { application, counts, grants } = parts;
  const app = fastify({ forceCloseConnections: true });
  const ownNames = new Set(['localhost', '127.0.0.1', '[::1]', host]);

  // A name that a stranger pointed at this machine would make their page one of ours.
  app.addHook('onRequest', async (request, reply) => {
    const name = (request.headers.host ?? '').replace(/:\d+$/, '');
    if (!ownNames.has(name)) await reply.status(421).send({ error: 'This is not my name.' });
  });
  app.setErrorHandler((error, _request, reply) => {
    const status = statusOf(error);
    if (status >= 500)
      log.error({ event: 'playground.failed', err: messageOf(error) }, 'The playground failed');
    return reply.status(status).send({ error: messageOf(error) });
  });

  const redirectUri = `${holdfastUrl}/oauth/playground/callback`;
  const codes = createAuthorizationCodes();
  void app.register(oauthRoutes, { client: { ...client, redirectUri }, codes, counts, grants });
  void app.register(apiRoutes, { grants, counts });
  void app.register(hookRoutes, { application });
  void app.register(pageRoutes, { parts, control, holdfastUrl });
  void app.register(controlRoutes, { control, apiKey });
  return app;
}

function statusOf(error: unknown): number {
  if (error instanceof UnknownConnectionError) return 404;
  if (error instanceof HoldfastApiError) return error.status === 0 ? 502 : error.status;
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500;
  return typeof error.statusCode === 'number' ? error.statusCode : 500;
}
