import { Socket } from 'node:net';
import fastifyPlugin from 'fastify-plugin';
import { endAfterAnswer } from './lingering-close';

/**
 * A request that is answered before its body has come ends its connection: otherwise Node goes on reading
 * that body, however long, to get at the next request.
 */
export const unreadBodies = fastifyPlugin((app, _options, done) => {
  app.addHook('onSend', ({ raw }, reply, _payload, next) => {
    const { 'content-length': length = '0', 'transfer-encoding': encoding } = raw.headers;
    if (!raw.complete && (encoding !== undefined || length !== '0')) {
      reply.header('connection', 'close');
      // One that was injected has no connection.
      if (raw.socket instanceof Socket) endAfterAnswer(raw.socket);
    }
    next();
  });
  done();
});
