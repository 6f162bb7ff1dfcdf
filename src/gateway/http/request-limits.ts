import type { Socket } from 'node:net';
import fastifyPlugin from 'fastify-plugin';
import { createCountedWarning } from '../../lib/log/counted-lines';
import { HoldfastError } from '../../lib/errors';
import { createTally, isFairShare } from '../../lib/fair-share';
import type { Logger } from '../../lib/log';
import { isEnding } from './lingering-close';
import type { SenderOf } from './sender';

/** A busy sender behind several proxies has half of it. */
const maxHeaders = 200;
/** Requests of one connection that wait for their answers: nothing that sends webhooks pipelines. */
const maxPipelined = 64;
/** Each costs some 20 KB. What is beyond is closed at once. */
const maxConnections = 10_000;
/** One address alone may have half of them, two of them a third each. */
const shareFactor = 1;
const warningIntervalMs = 60_000;

interface Options {
  log: Logger;
  senderOf: SenderOf;
  /** Default 10,000. */
  mostConnections?: number;
}

/** Bounds what one connection, one address, and all of them can make the gateway hold in memory beside bodies. */
export const requestLimits = fastifyPlugin<Options>((app, options, done) => {
  const { log, senderOf, mostConnections = maxConnections } = options;
  const pipelined = new WeakMap<Socket, number>();
  const dropped = createCountedWarning(
    (line) =>
      log.warn({ event: 'http.connections_dropped', ...line }, 'There are too many connections'),
    warningIntervalMs,
  );
  // Node leaves out what is beyond a number, silently, and that might be a signature: they are counted here.
  app.server.maxHeadersCount = 0;
  app.server.maxConnections = mostConnections;
  app.server.on('drop', () => dropped.add({ maxConnections: mostConnections }));
  app.addHook('onClose', (_app, next) => {
    dropped.close();
    next();
  });

  let connections = 0;
  const byAddress = createTally();
  app.server.on('connection', (socket: Socket) => {
    const { address, key, isShared } = senderOf(socket.remoteAddress);
    const own = byAddress.of(key) + 1;
    if (!isShared && !isFairShare(own, mostConnections - connections - 1, shareFactor)) {
      dropped.add({ address, connections: own });
      socket.destroy();
      return;
    }
    connections++;
    byAddress.add(key, 1);
    socket.once('close', () => {
      connections--;
      byAddress.add(key, -1);
    });
  });

  app.addHook('onRequest', ({ raw }, reply, next) => {
    const { socket } = raw;
    // The parser still had it in its buffer.
    if (isEnding(socket)) return;
    const waiting = (pipelined.get(socket) ?? 0) + 1;
    pipelined.set(socket, waiting);
    if (waiting > maxPipelined) {
      // The parser may be in the middle of a buffer with a thousand more: none of them goes any further.
      socket.destroy();
      return;
    }
    reply.raw.once('close', () => pipelined.set(socket, (pipelined.get(socket) ?? 1) - 1));
    if (raw.rawHeaders.length > maxHeaders * 2) {
      const message = `There are more than ${maxHeaders} headers.`;
      next(new HoldfastError('headers_too_large', message));
    } else next();
  });
  done();
});
