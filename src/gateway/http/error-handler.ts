import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errorAnswer } from './error-answer';
import { noteFailure } from './failure-log';
import { requestIdHeader } from './request-id';

/** Answers `{ error: { code, message, requestId } }` for whatever was thrown, and leaves it to the log line. */
export function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { status, code, message, retryAfterSeconds } = errorAnswer(error);
  noteFailure(request, { code, error });
  if (retryAfterSeconds !== undefined) reply.header('retry-after', Math.ceil(retryAfterSeconds));
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  // An error before routing has met no hook.
  reply.header(requestIdHeader, request.id);
  return reply.status(status).send({ error: { code, message, requestId: request.id } });
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
