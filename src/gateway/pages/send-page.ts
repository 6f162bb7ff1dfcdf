import cookie from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { messagePage, type Way } from '../../web/pages/message';
import type { Brand } from '../../web/document/brand';
import { type Page, pageText } from '../../web/document/page';
import { pageHeaders } from '../../web/document/security-headers';
import { errorAnswer } from '../http/error-answer';
import { PageFailure } from './page-failure';
import { sendZipped } from '../http/gzip';
import { noteFailure } from '../http/failure-log';

declare module 'fastify' {
  interface FastifyInstance {
    /** What every page has in common. */
    site: {
      brand: Brand;
      /** Of the gateway; '' where it has its host to itself. */
      basePath: string;
    };
  }
}

export function sendPage(reply: FastifyReply, page: Page): FastifyReply {
  const { brand } = reply.server.site;
  return sendZipped(
    reply.status(page.status).headers(pageHeaders(page, brand)),
    pageText(page, brand),
  );
}

/** The page once more that was looked at, or whose button was pressed. An address that begins with two slashes names a host. */
function again({ url, server, routeOptions }: FastifyRequest): Way | undefined {
  if (!server.hasRoute({ method: 'GET', url: routeOptions.url ?? '' })) return undefined;
  const path = url.replace(/^[/\\]+/, '');
  return { href: `${server.site.basePath}/${path}`, label: 'Try again' };
}

function failurePage(status: number, request: FastifyRequest): Page {
  const home = { href: `${request.server.site.basePath}/`, label: 'Your connections' };
  if (status === 503) {
    return messagePage(
      503,
      'Not available right now',
      'Something that is needed does not answer at the moment. Wait a minute and try again.',
      again(request),
      home,
    );
  }
  if (status >= 500) {
    return messagePage(
      500,
      'Something went wrong',
      'It was noted. Try again in a few minutes.',
      again(request),
      home,
    );
  }
  return messagePage(
    status,
    'This address is not right',
    'It may have been cut off, or what was here is gone.',
    home,
  );
}

/** The page of a `PageFailure`, or one that says as much as a person needs to know of anything else. */
export function answerWithPage(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (error instanceof PageFailure) {
    const { code, reason, cause } = error;
    noteFailure(request, { code, reason, error: cause ?? error });
    return sendPage(reply, error.page);
  }
  const { status, code, retryAfterSeconds } = errorAnswer(error);
  noteFailure(request, { code, error });
  if (retryAfterSeconds !== undefined) reply.header('retry-after', Math.ceil(retryAfterSeconds));
  return sendPage(reply, failurePage(status, request));
}

/** For routes that people see: cookies, forms, and pages in place of JSON errors. */
export const pages = fastifyPlugin((app, _options, done) => {
  void app.register(cookie);
  app.removeAllContentTypeParsers();
  // The forms have no fields: whatever comes is read to its end and thrown away.
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 16_384 }, (_request, _body, next) =>
    next(null),
  );
  app.addHook('onRequest', (_request, reply, next) => {
    // Redirects too: each is meant for one person, once.
    reply.header('cache-control', 'no-store');
    next();
  });
  app.setErrorHandler(answerWithPage);
  done();
});
