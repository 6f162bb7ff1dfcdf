import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { createEventStream } from '../../../live/event-stream';
import type { Hub } from '../../../live/hub';
import { nameText } from '../../http/schemas/text';

const params = Type.Object({ userId: nameText });
const path = '/users/:userId/events';
/** How long a reader waits before it comes back, where nothing else was said. */
const retryMs = 2_000;

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  // Nothing in between may keep a part of it back, as compressing would.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
};

/**
 * A person's status as server-sent events: one at once, whatever `Last-Event-ID` says, since an event holds all of it,
 * and one at each change.
 */
export const userEventRoutes: FastifyPluginCallbackTypebox<{ hub: Hub }> = (app, { hub }, done) => {
  // As the requests under way are waited for, and these would never end.
  app.addHook('preClose', () => hub.close());

  app.head(path, { schema: { params } }, (_request, reply) => reply.headers(headers).send());

  app.get(path, { schema: { params }, exposeHeadRoute: false }, async (request, reply) => {
    const { userId } = request.params;
    const place = await hub.join(userId, request.personSession?.id ?? null);
    const { raw } = reply;
    if (raw.destroyed || request.raw.destroyed) {
      hub.leave(place);
      return reply.hijack();
    }
    raw.once('close', () => hub.leave(place));
    reply.headers(headers).hijack();
    raw.writeHead(200, headersOf(reply));
    raw.write(`retry: ${retryMs}\n\n`);
    hub.begin(place, createEventStream(raw));
    return reply;
  });
  done();
};

/** What plugins have set: Fastify itself sends nothing of a hijacked answer. */
function headersOf(reply: FastifyReply): Record<string, string | number | string[]> {
  return Object.fromEntries(
    Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}
