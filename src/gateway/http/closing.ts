import type { Socket } from 'node:net';
import fastifyPlugin from 'fastify-plugin';
import { HoldfastError } from '../../lib/errors';

/** Zero would mean for ever. */
const keepAliveWhileClosingMs = 50;

/**
 * Closing waits for the requests that are under way, and not for connections that are only kept: Node ends
 * those that are idle at that moment, but neither those that become idle later nor those that have sent
 * nothing yet.
 */
export const closing = fastifyPlugin((app, _options, done) => {
  const sockets = new Set<Socket>();
  let isClosing = false;

  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  app.addHook('onRequest', (_request, _reply, next) => {
    if (!isClosing) next();
    else next(new HoldfastError('overloaded', 'The gateway is stopping. Send the request again.'));
  });

  app.addHook('onSend', (_request, reply, _payload, next) => {
    if (isClosing) reply.header('connection', 'close');
    next();
  });

  app.addHook('preClose', (next) => {
    isClosing = true;
    // For answers that began before: Node reads it as each of them ends, so none is cut off.
    app.server.keepAliveTimeout = keepAliveWhileClosingMs;
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    next();
  });
  done();
});
