import fastifyPlugin from 'fastify-plugin';
import type { Measuring } from '../deps';
import { onRequestEnd } from '../operations/request-end';

/** Measures every request that gets as far as a route, or to none. */
export const measureRequests = fastifyPlugin<Measuring>((app, { metrics }, done) => {
  if (metrics !== undefined)
    onRequestEnd(app, (request, status, seconds) =>
      metrics.request(request.routeOptions.url, request.method, status, seconds),
    );
  done();
});
