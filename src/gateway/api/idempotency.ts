import type { FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { sha256 } from '../../crypto/hash';
import type { SealedContext } from '../../crypto/encrypted-columns';
import { loadSubjectHash } from '../../db/queries/encryption/hash-key';
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
import { subjectOf } from '../http/failure-log';
import { looksLikeId } from '../http/path-ids';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * False where no answer may be kept: one with a token is given out only with its row in the audit. Such a route is
     * idempotent by itself.
     */
    idempotency?: false;
  }
}

interface Deps extends Rows, Encryption {
  log: Logger;
}

const context = ({ keyHash }: Pick<KeyedRequest, 'keyHash'>): SealedContext =>
  `idempotency_keys.answer:${keyHash.toString('hex')}`;

/**
 * `Idempotency-Key` on every POST but those that opt out: the same request gets the first one's answer again for 24 hours,
 * another request under the same key is refused. Each API key has idempotency keys of its own; those of `HOLDFAST_API_KEYS`,
 * which are changed one for another, share theirs.
 */
export const idempotency = fastifyPlugin<Deps>((app, { pool, envelope, log }, done) => {
  const keyed = new WeakMap<FastifyRequest, KeyedRequest>();

  app.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key'];
    if (request.method !== 'POST' || key === undefined) return;
    if (request.routeOptions.config.idempotency === false) return;
    const asked = await keyedRequest({ pool, envelope }, request, String(key));
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
        const answer = envelope.seal(text, context(asked));
        const madeId = subjectOf(request).integrationId ?? null;
        await keepAnswer(pool, asked, { status, answer, madeId });
      }
    } catch (error) {
      // What was asked for is done: the answer goes out all the same.
      log.warn(
        { event: 'idempotency.answer_not_stored', err: messageOf(error) },
        'An answer could not be stored for its Idempotency-Key',
      );
    }
    return payload;
  });
  done();
});

const mayPass = (status: number) => status >= 500 || status === 429;

async function keyedRequest(
  { pool, envelope }: Rows & Encryption,
  request: FastifyRequest,
  key: string,
): Promise<KeyedRequest> {
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new HoldfastError(
      'invalid_request',
      'Idempotency-Key must be 1 to 255 printable characters.',
    );
  }
  const { method, url, body } = request;
  const apiKeyId = request.apiKey?.id ?? null;
  const { userId, aboutId } = whomIsAbout(request);
  const userHash = userId === null ? null : (await loadSubjectHash(pool, envelope))('user', userId);
  return {
    // No key holds a line's end: what one owner names is never another's.
    keyHash: sha256(apiKeyId === null ? key : `${apiKeyId}\n${key}`),
    requestHash: sha256(`${method} ${url}\n${JSON.stringify(body ?? null)}`),
    ...{ apiKeyId, userHash, aboutId },
  };
}

/** Paths call a user `:userId` and an integration or a delivery `:id`, bodies a user `userId`. */
function whomIsAbout({ params, body }: FastifyRequest) {
  const { id, userId } = params as Record<string, string | undefined>;
  const named = (body as { userId?: unknown } | null | undefined)?.userId ?? userId;
  const isPart = id !== undefined && (looksLikeId('int', id) || looksLikeId('dlv', id));
  return { userId: typeof named === 'string' ? named : null, aboutId: isPart ? id : null };
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
