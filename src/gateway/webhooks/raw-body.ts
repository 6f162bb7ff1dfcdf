import fastifyPlugin from 'fastify-plugin';
import { bodyMemoryLimits, type BodyShare, createBodyMemory } from './body-memory';
import { readBody } from './read-body';
import { createSlowBodies } from './slow-bodies';

declare module 'fastify' {
  interface FastifyRequest {
    bodyShare: BodyShare | null;
  }
}

interface Options {
  bodyLimitBytes: number;
  /** What slow bodies take for a second; default: one. */
  secondMs?: number;
}

/** Leaves requests as they were sent: signatures are over the bytes, and over raw headers. */
export const rawWebhook = fastifyPlugin<Options>((app, options, done) => {
  const { bodyLimitBytes: limitBytes, secondMs = 1_000 } = options;
  const memory = createBodyMemory(bodyMemoryLimits(limitBytes));
  const slowBodies = createSlowBodies();
  const timer = setInterval(() => slowBodies.tick(), secondMs);

  app.removeAllContentTypeParsers();
  app.decorateRequest('bodyShare', null);
  app.addContentTypeParser('*', (request, stream, next) => {
    const { arrival, sender } = request;
    const isVerified = arrival?.isVerified === true;
    const source = sender.isShared ? null : sender.key;
    const share = memory.share({ source, target: arrival?.target ?? '', isVerified });
    request.bodyShare = share;
    const declaredBytes = isVerified ? (arrival.declaration?.bodyLimitBytes ?? 0) : 0;
    const mostBytes = Math.max(limitBytes, declaredBytes);
    const claimed = request.headers['content-length'];
    const claimedBytes = claimed === undefined ? undefined : Number(claimed);
    readBody(stream, { limitBytes, mostBytes, share, slowBodies, claimedBytes }, next);
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
  app.addHook('onClose', (_app, next) => {
    clearInterval(timer);
    next();
  });
  done();
});
