import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { createEventStream } from '../../../live/event-stream';
import type { Hub } from '../../../live/hub';
import { HoldfastError } from '../../../lib/errors';
import { type ApiKeys, bearerToken } from '../../http/api-key';
import type { Measuring } from '../../deps';
import { nameText } from '../../http/schemas/text';

const params = Type.Object({ userId: nameText });
const path = '/users/:userId/events';
/** How long a reader waits before it comes back, where nothing else was said. */
const retryMs = 2_000;
/** How often it is asked whether the API key of a stream is still good. */
const askKeyEveryMs = 1_500;

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
export const userEventRoutes: FastifyPluginCallbackTypebox<
  { hub: Hub; apiKeys: ApiKeys } & Measuring
> = (app, { hub, apiKeys, metrics }, done) => {
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
    const stopAsking = request.apiKey?.id == null ? undefined : endWithKey(request, raw, apiKeys);
    metrics?.streamOpened();
    raw.once('close', () => {
      metrics?.streamClosed();
      stopAsking?.();
      hub.leave(place);
    });
    reply.headers(headers).hijack();
    raw.writeHead(200, headersOf(reply));
    raw.write(`retry: ${retryMs}\n\n`);
    hub.begin(place, createEventStream(raw));
    return reply;
  });
  done();
};

/** A session's end is told by its row; a key's has to be asked for. */
function endWithKey({ headers }: FastifyRequest, raw: ServerResponse, apiKeys: ApiKeys) {
  const token = bearerToken(headers.authorization) ?? '';
  const timer = setInterval(() => {
    apiKeys.find(token).catch((error: unknown) => {
      // While the database is away nobody knows; the hub ends its streams then.
      if (error instanceof HoldfastError && error.code === 'unauthorized') raw.end();
    });
  }, askKeyEveryMs);
  return () => clearInterval(timer);
}

/** What plugins have set: Fastify itself sends nothing of a hijacked answer. */
function headersOf(reply: FastifyReply): Record<string, string | number | string[]> {
  return Object.fromEntries(
    Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}
