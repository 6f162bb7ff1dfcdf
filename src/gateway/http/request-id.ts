import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import fastifyPlugin from 'fastify-plugin';
import { HoldfastError } from '../../lib/errors';

export const requestIdHeader = 'holdfast-request-id';

/** What a caller may call its own request. */
const callersOwn = /^[A-Za-z0-9_-]{8,64}$/;

/** Of this process. A random number for each request would cost every webhook a call of the system. */
const prefix = randomBytes(9).toString('base64url');
let count = 0;

/** Unique across processes, of the form that a caller's own has, and of one length: that of an answer tells nothing. */
export function newRequestId(): string {
  count++;
  return `${prefix}-${count.toString(36).padStart(7, '0')}`;
}

/** The caller's own, if it is one. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers[requestIdHeader];
  return typeof given === 'string' && callersOwn.test(given) ? given : newRequestId();
}

/** Names every request in its answer, and refuses one without a Host header. Errors before routing get theirs where they are answered. */
export const requestId = fastifyPlugin((app, _options, done) => {
  app.addHook('onRequest', ({ id, raw }, reply, next) => {
    reply.header(requestIdHeader, id);
    // RFC 9112, section 3.2: Node itself would answer without a word.
    const isNameless = raw.httpVersion === '1.1' && raw.headers.host === undefined;
    next(isNameless ? new HoldfastError('invalid_request', 'There is no Host header.') : undefined);
  });
  done();
});
