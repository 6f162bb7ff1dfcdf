import type { FastifyPluginCallback } from 'fastify';
import type { Application } from '../application';

/** Where Holdfast forwards to. */
export const hookRoutes: FastifyPluginCallback<{ application: Application }> = (
  app,
  { application },
  done,
) => {
  // The signature is over bytes.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('*', { parseAs: 'buffer' }, (_request, body, next) =>
    next(null, body),
  );
  app.post('/app/hook', async (request, reply) => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const status = await application.receive(request.headers, body);
    if (status === 503) void reply.header('retry-after', '1');
    return reply.status(status).send();
  });
  done();
};
