import fastifyPlugin from 'fastify-plugin';
import { bodyMemoryLimits, type BodyShare, createBodyMemory } from './body-memory';
import { readBody } from './read-body';

declare module 'fastify' {
  interface FastifyRequest {
    bodyShare: BodyShare | null;
  }
}

/** Leaves requests as they were sent: signatures are over the bytes, and over raw headers. */
export const rawWebhook = fastifyPlugin<{ bodyLimitBytes: number }>((app, options, done) => {
  const { bodyLimitBytes } = options;
  const memory = createBodyMemory(bodyMemoryLimits(bodyLimitBytes));

  app.removeAllContentTypeParsers();
  app.decorateRequest('bodyShare', null);
  app.addContentTypeParser('*', (request, stream, next) => {
    const share = memory.share();
    request.bodyShare = share;
    const claimedBytes = Number(request.headers['content-length'] ?? 0);
    readBody(stream, { limitBytes: bodyLimitBytes, claimedBytes, share }, next);
  });
  // Whatever became of it: by then nobody needs the body.
  app.addHook('onSend', (request, _reply, _payload, next) => {
    request.bodyShare?.release();
    next();
  });

  // Fastify refuses a type that it can't parse before any parser is asked. What is verified and stored are
  // the raw headers: they stay as sent.
  app.addHook('onRequest', (request, _reply, next) => {
    delete request.raw.headers['content-type'];
    next();
  });
  done();
});
