import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { sha256 } from '../../crypto/hash';
import {
  readSessionByToken,
  type Session,
  type SessionScope,
} from '../../db/queries/people/sessions';
import { HoldfastError } from '../../lib/errors';
import { mayDo } from '../../live/session-scope';
import { browserSession } from '../http/browser-session';
import type { Rows, Settings } from '../deps';
import { isName } from '../http/schemas/text';
import { type ApiKeys, bearerToken, checkScope } from '../http/api-key';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose request it is in a person's API; null where it is the application's. */
    personSession: Session | null;
  }
  interface FastifyContextConfig {
    /** What a session has to be good for; default `read` for what reads, `delete` for what changes anything. */
    sessionScope?: SessionScope;
  }
}

const readingMethods = new Set(['GET', 'HEAD']);

/**
 * Lets a request through to the person whom its path names as `:userId`: with their session, as bearer or
 * cookie, or with an API key, which may ask for anyone whatever its scopes allow. Before the body is read. Needs the
 * cookies parsed.
 *
 * A bearer that is no good is refused, whatever the cookie says. A cookie comes along by itself, `SameSite=Lax`
 * or not where another origin of the same site posts: with it alone, only the gateway's own pages change anything.
 *
 * Every answer to a session has its scope in `holdfast-scope`, so that a page shows no button that would be refused.
 */
export const person = fastifyPlugin<Rows & Settings & { apiKeys: ApiKeys }>((app, deps, done) => {
  const ownOrigin = new URL(deps.config.publicUrl).origin;

  app.decorateRequest('personSession', null);
  app.decorateRequest('apiKey', null);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const token = bearerToken(request.headers.authorization);
    const holder = token === undefined ? undefined : await deps.apiKeys.find(token);
    const session = holder === undefined ? await signedIn(deps, request, token) : undefined;
    const { userId } = request.params as { userId?: string };
    if (!isName(userId)) {
      throw new HoldfastError('invalid_request', "This can not be a user's id.");
    }
    if (holder !== undefined) {
      request.apiKey = holder;
      checkScope(request, holder);
    }
    if (session === undefined) return;
    request.personSession = session;
    if (session.userId !== userId) {
      throw new HoldfastError('forbidden', 'This session is of another user.');
    }
    reply.header('holdfast-scope', session.scope);
    const isReading = readingMethods.has(request.method);
    if (token === undefined && !isReading && request.headers.origin !== ownOrigin) {
      throw new HoldfastError(
        'forbidden',
        'With the cookie alone only a page of Holdfast itself may ask for this. Send the session as bearer.',
      );
    }
    const { sessionScope = isReading ? 'read' : 'delete' } = request.routeOptions.config;
    if (!mayDo(session.scope, sessionScope)) {
      throw new HoldfastError(
        'insufficient_scope',
        `This session has the scope "${session.scope}", and this needs "${sessionScope}".`,
      );
    }
  });
  done();
});

/** @throws HoldfastError `unauthorized` */
async function signedIn(
  deps: Rows & Settings,
  request: FastifyRequest,
  token: string | undefined,
): Promise<Session> {
  const session =
    token === undefined
      ? await browserSession(deps, request)
      : await readSessionByToken(deps.pool, sha256(token));
  if (session !== undefined) return session;
  throw new HoldfastError(
    'unauthorized',
    token === undefined
      ? 'Nobody is signed in. Send "Authorization: Bearer <session token>", or follow a session link first.'
      : 'This is neither an API key nor the token of a session that still lasts.',
  );
}
