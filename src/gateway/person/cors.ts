import fastifyPlugin from 'fastify-plugin';

const methods = 'GET, HEAD, POST, PUT, DELETE';
const headers = 'Authorization, Content-Type, Last-Event-ID, Holdfast-Request-Id';
const exposed = 'Retry-After, Holdfast-Request-Id, Holdfast-Scope';
const preflightSeconds = 600;

/**
 * Lets the pages of some origins read the answers (Fetch standard, "CORS protocol"), those about errors too.
 * Never with credentials: another site's page is whoever its bearer says, and a cookie doesn't help it.
 */
export const cors = fastifyPlugin<{ allowedOrigins: readonly string[] }>(
  (app, { allowedOrigins }, done) => {
    const allowed = new Set(allowedOrigins);

    // Before anybody asks who it is: a preflight carries no bearer.
    app.addHook('onRequest', (request, reply, next) => {
      const { origin } = request.headers;
      const isAllowed = origin !== undefined && allowed.has(origin);
      reply.header('vary', 'Origin');
      if (isAllowed) {
        reply.header('access-control-allow-origin', origin);
        reply.header('access-control-expose-headers', exposed);
      }
      if (request.method !== 'OPTIONS') {
        next();
        return;
      }
      if (isAllowed) {
        reply.header('access-control-allow-methods', methods);
        reply.header('access-control-allow-headers', headers);
        reply.header('access-control-max-age', preflightSeconds);
      }
      reply.status(204).send();
    });
    // Without a route no hook runs.
    app.options('/*', (_request, reply) => reply.status(204).send());
    done();
  },
);
