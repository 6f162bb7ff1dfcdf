import fastifyPlugin from 'fastify-plugin';
import type { Measuring } from '../deps';

/** Measures every request that gets as far as a route, or to none. */
export const measureRequests = fastifyPlugin<Measuring>((app, { metrics }, done) => {
  if (metrics !== undefined)
    app.addHook('onResponse', (request, reply, next) => {
      const { url } = request.routeOptions;
      metrics.request(url, request.method, reply.statusCode, reply.elapsedTime / 1_000);
      next();
    });
  done();
});
