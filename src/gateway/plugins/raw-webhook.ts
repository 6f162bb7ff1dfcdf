import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { WebhookRequest } from '../../webhooks/request';

/** Leaves requests as they were sent: signatures are over the bytes, and over raw headers. */
export const rawWebhook = fastifyPlugin((app, _options, done) => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, next) => next(null, body));

  // Fastify refuses a type that it can't parse before any parser is asked. What is verified and stored are
  // the raw headers: they stay as sent.
  app.addHook('onRequest', (request, _reply, next) => {
    delete request.raw.headers['content-type'];
    next();
  });
  done();
});

const noBody = Buffer.alloc(0);

/** @param publicUrl how senders reach the gateway: some sign the address that they called */
export function webhookRequest(request: FastifyRequest, publicUrl: string): WebhookRequest {
  return {
    method: request.method,
    url: publicUrl + request.url,
    rawHeaders: request.raw.rawHeaders,
    body: Buffer.isBuffer(request.body) ? request.body : noBody,
    nowMs: Date.now(),
  };
}
