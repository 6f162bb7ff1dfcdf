import fastifyPlugin from 'fastify-plugin';
import { answerHeaders } from '../../web/document/security-headers';
import type { GatewayConfig } from '../deps';

/** Tells browsers how careful to be with whatever the gateway answers; senders of webhooks are none. */
export const securityHeaders = fastifyPlugin<Pick<GatewayConfig, 'publicUrl'>>(
  (app, { publicUrl }, done) => {
    const headers = answerHeaders(publicUrl);
    app.addHook('onRequest', (request, reply, next) => {
      if (request.routeOptions.url?.startsWith('/webhooks/') !== true) reply.headers(headers);
      next();
    });
    done();
  },
);
