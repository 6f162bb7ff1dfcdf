import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { sha256 } from '../../../crypto/hash';
import { endSessionOfCookie } from '../../../db/queries/people/session-ends';
import { inTransaction } from '../../../db/transaction';
import { signedOutPage, signOutPage } from '../../../web/pages/sign-out';
import { browserSession } from '../../http/browser-session';
import { sessionCookie } from '../../http/cookies';
import { ownPath } from '../../http/own-path';
import type { Rows, Settings } from '../../deps';
import { checkOwnOrigin } from '../own-origin';
import { sendPage } from '../send-page';
import { wayIn } from '../sign-in';
import { backToApp, wayBack } from '../links';

/** A person leaves a machine that others use: `GET` asks, `POST` ends the session, its bearer included. */
export const signOutRoutes: FastifyPluginCallbackTypebox<Rows & Settings> = (app, deps, done) => {
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
    const ended =
      value === undefined
        ? undefined
        : await inTransaction(pool, (client) => endSessionOfCookie(client, sha256(value)));
    reply.clearCookie(cookie.name, cookie.options);
    const way = backToApp(config, ended?.returnTo ?? null) ?? wayIn(config);
    return sendPage(reply, signedOutPage(way));
  });
  done();
};
