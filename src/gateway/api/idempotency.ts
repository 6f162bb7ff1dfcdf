import type { FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { sha256 } from '../../crypto/hash';
import type { SealedContext } from '../../crypto/encrypted-columns';
import {
  type FirstRequest,
  keepAnswer,
  type KeyedRequest,
  releaseKey,
  takeKey,
} from '../../db/queries/idempotency-keys';
import { HoldfastError, messageOf } from '../../lib/errors';
import type { Logger } from '../../lib/log';
import type { Encryption, Rows } from '../deps';

interface Deps extends Rows, Encryption {
  log: Logger;
}

const context = ({ keyHash }: KeyedRequest): SealedContext =>
  `idempotency_keys.answer:${keyHash.toString('hex')}`;

/**
 * `Idempotency-Key` on every POST: the same request gets the first one's answer again for 24 hours,
 * another request under the same key is refused.
 */
export const idempotency = fastifyPlugin<Deps>((app, { pool, envelope, log }, done) => {
  const keyed = new WeakMap<FastifyRequest, KeyedRequest>();

  app.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key'];
    if (request.method !== 'POST' || key === undefined) return;
    const asked = keyedRequest(request, String(key));
    const first = await takeKey(pool, asked);
    if (first === null) {
      keyed.set(request, asked);
      return;
    }
    const { status, answer } = answered(first, asked);
    const text = envelope.open(answer, context(asked));
    return replay(reply, status, status < 400 || text === '' ? text : renamed(text, request.id));
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const asked = keyed.get(request);
    if (asked === undefined) return payload;
    const status = reply.statusCode;
    try {
      if (mayPass(status)) await releaseKey(pool, asked);
      else {
        const text = typeof payload === 'string' ? payload : '';
        await keepAnswer(pool, asked, { status, answer: envelope.seal(text, context(asked)) });
      }
    } catch (error) {
      // What was asked for is done: the answer goes out all the same.
      log.warn({ err: messageOf(error) }, 'an answer was not kept for its Idempotency-Key');
    }
    return payload;
  });
  done();
});

const mayPass = (status: number) => status >= 500 || status === 429;

function keyedRequest({ method, url, body }: FastifyRequest, key: string): KeyedRequest {
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new HoldfastError(
      'invalid_request',
      'Idempotency-Key must be 1 to 255 printable characters.',
    );
  }
  const request = `${method} ${url}\n${JSON.stringify(body ?? null)}`;
  return { keyHash: sha256(key), requestHash: sha256(request) };
}

function answered(first: FirstRequest | 'gone', { requestHash }: KeyedRequest) {
  if (first !== 'gone' && !first.requestHash.equals(requestHash)) {
    throw new HoldfastError(
      'idempotency_conflict',
      'This Idempotency-Key was used for another request. Use a new one.',
    );
  }
  if (first === 'gone' || first.status === null || first.answer === null) {
    throw new HoldfastError(
      'idempotency_conflict',
      'The first request with this Idempotency-Key is still under way. Send it again in a moment.',
      { retryAfterSeconds: 1 },
    );
  }
  return { status: first.status, answer: first.answer };
}

/** A stored error under the name of the request that gets it now. */
function renamed(text: string, requestId: string): string {
  const { error } = JSON.parse(text) as { error: object };
  return JSON.stringify({ error: { ...error, requestId } });
}

function replay(reply: FastifyReply, status: number, body: string): FastifyReply {
  return reply.status(status).type('application/json; charset=utf-8').send(body);
}
