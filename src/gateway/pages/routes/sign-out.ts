import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { sha256 } from '../../../crypto/hash';
import { endSessionOfCookie } from '../../../db/queries/people/session-ends';
import { inTransaction } from '../../../db/transaction';
import { signedOutPage, signOutPage } from '../../../web/pages/sign-out';
import { browserSession } from '../../http/browser-session';
import { sessionCookie, stateCookiesOf } from '../../http/cookies';
import { ownPath } from '../../http/own-path';
import type { ActorSignals, Encryption, Rows, Settings } from '../../deps';
import { audited } from '../../operations/audit';
import { checkOwnOrigin } from '../own-origin';
import { sendPage } from '../send-page';
import { wayIn } from '../sign-in';
import { backToApp, wayBack } from '../links';

/** A person leaves a machine that others use: `GET` asks, `POST` ends the session, its bearer included. */
export const signOutRoutes: FastifyPluginCallbackTypebox<
  Rows & Settings & Encryption & Pick<ActorSignals, 'log'>
> = (app, deps, done) => {
  const { pool, config } = deps;
  const cookie = sessionCookie(config.publicUrl);

  app.get('/sign-out', async (request, reply) => {
    const session = await browserSession(deps, request);
    if (session === undefined) return sendPage(reply, signedOutPage(wayIn(config)));
    const { userLabel, userId, returnTo } = session;
    return sendPage(
      reply,
      signOutPage({
        action: ownPath(config, '/sign-out'),
        person: userLabel ?? userId,
        back: wayBack(config, returnTo),
      }),
    );
  });

  app.post('/sign-out', async (request, reply) => {
    checkOwnOrigin(request, config);
    const value = request.cookies[cookie.name];
    const record = await recordOf(request);
    const ended =
      value === undefined
        ? undefined
        : await inTransaction(pool, async (client) => {
            const one = await endSessionOfCookie(client, sha256(value));
            if (one !== undefined) await record?.(client);
            return one;
          });
    reply.clearCookie(cookie.name, cookie.options);
    // Whoever is next at this machine would read by them which account was connected.
    for (const name of stateCookiesOf(config.publicUrl, Object.keys(request.cookies))) {
      reply.clearCookie(name, cookie.options);
    }
    const way = backToApp(config, ended?.returnTo ?? null) ?? wayIn(config);
    return sendPage(reply, signedOutPage(way));
  });

  async function recordOf(request: FastifyRequest) {
    const session = await browserSession(deps, request);
    if (session === undefined) return undefined;
    const { id: sessionId, userId: byUserId } = session;
    return audited(deps, request, { action: 'session.ended', sessionId, byUserId });
  }
  done();
};
