import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HoldfastError } from '../../lib/errors';
import { errorAnswer } from './error-answer';
import { noteFailure } from './failure-log';

/** Answers `{ error: { code, message } }` for whatever was thrown, and leaves it to the log line. */
export function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { status, code, message, retryAfterSeconds } = errorAnswer(
    asMalformedUserId(error, request.url),
  );
  noteFailure(request, { code, error });
  if (retryAfterSeconds !== undefined) reply.header('retry-after', Math.ceil(retryAfterSeconds));
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.status(status).send({ error: { code, message } });
}

/** Where every error is JSON, whatever a client's library says it accepts. */
const forPrograms = /^\/(v1|api|webhooks)(\/|\?|$)/;

/**
 * The one place where errors become answers.
 *
 * @param answerWithPage what a person is shown who asks for an unknown address
 */
export function setErrorHandlers(app: FastifyInstance, answerWithPage: typeof answerError): void {
  app.setErrorHandler<FastifyError>(answerError);
  app.setNotFoundHandler((request, reply) => {
    const unknown = Object.assign(new Error('unknown route'), { statusCode: 404 });
    // A person who looks with a browser; programs don't ask for HTML.
    const isPerson =
      request.headers.accept?.includes('text/html') === true && !forPrograms.test(request.url);
    return (isPerson ? answerWithPage : answerError)(unknown, request, reply);
  });
}

/**
 * The router refuses a part of a path that is longer than any id (414) before a route sees it. In a person's API
 * that part is the user's id, and a malformed one is 400 there.
 *
 * @returns the error itself where it is another one
 */
function asMalformedUserId(error: unknown, url: string): unknown {
  const isTooLong = error instanceof Error && 'statusCode' in error && error.statusCode === 414;
  if (!isTooLong || !url.startsWith('/api/')) return error;
  return new HoldfastError('invalid_request', "This can not be a user's id: it is too long.");
}
