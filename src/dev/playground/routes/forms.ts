import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Document, documentHeaders, documentText } from '../views/document';
import { messagePage } from '../views/message-page';

/** Forms and nothing else as bodies. */
export function takeForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, new URLSearchParams(body)),
  );
}

export function formOf(request: FastifyRequest): URLSearchParams {
  return request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
}

export function sendDocument(reply: FastifyReply, document: Document, status = 200): FastifyReply {
  return reply.status(status).headers(documentHeaders(document)).send(documentText(document));
}

/** Another website's form must not act here. @returns whether the request was answered */
export function refuseForeignForm(request: FastifyRequest, reply: FastifyReply): boolean {
  const { origin, host } = request.headers;
  if (origin === `http://${host ?? ''}`) return false;
  const page = messagePage('Not from here', 'The request came from another website.');
  sendDocument(reply, page, 403);
  return true;
}
