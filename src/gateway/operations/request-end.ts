import type { FastifyInstance, FastifyRequest } from 'fastify';

/** The status of a request whose sender hung up while it waited for the answer, as proxies have it. */
export const hungUpStatus = 499;
/** Of one whose sender did so before all of it had come. */
const incompleteStatus = 400;

/**
 * Calls `note` once for each request of `app`: when its answer is out, or its sender has hung up before there was one. A stream
 * of events that ends so is neither. Fastify's own hook for it, `onRequestAbort`, doesn't run once the body has been read.
 *
 * @param note told the time since the request began, in seconds
 */
export function onRequestEnd(
  app: FastifyInstance,
  note: (request: FastifyRequest, status: number, seconds: number) => void,
): void {
  app.addHook('onRequest', (request, reply, next) => {
    reply.raw.once('close', () => {
      // An answer has its headers by now. Nothing is written any more to one that has not, and `onResponse` doesn't run.
      if (reply.raw.headersSent) return;
      note(
        request,
        request.raw.complete ? hungUpStatus : incompleteStatus,
        reply.elapsedTime / 1_000,
      );
    });
    next();
  });
  app.addHook('onResponse', (request, reply, next) => {
    note(request, reply.statusCode, reply.elapsedTime / 1_000);
    next();
  });
}
