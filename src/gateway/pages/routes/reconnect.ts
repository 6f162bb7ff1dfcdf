import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { readIntegrationCredential } from '../../../db/queries/credentials/of-integration';
import { messagePage } from '../../../web/pages/message';
import { reconnectPage } from '../../../web/pages/reconnect';
import { randomToken, sha256 } from '../../../crypto/hash';
import { browserSession } from '../../http/browser-session';
import { reconnectCookie } from '../../http/cookies';
import { noteSubject } from '../../http/failure-log';
import { askedOf } from '../asked-of';
import { notYours } from '../connect/failures';
import { redirectToProvider } from '../connect/redirect-to-provider';
import { findByCode, signedInAsAnother } from '../connect/reconnect-code';
import type { Encryption, Providers, Rows, Settings } from '../../deps';
import { checkOwnOrigin } from '../own-origin';
import { sendPage } from '../send-page';
import { sendToSignIn, wayIn } from '../sign-in';
import { codePath, isPlainHttp, reconnectPath, startPath, wayBack, withConsent } from '../links';

const params = Type.Object({ id: Type.String({ pattern: '^int_[A-Za-z0-9]{1,60}$' }) });
const code = Type.String({ maxLength: 100 });
const consent = Type.Optional(Type.Literal('again'));
const schema = {
  get: { params, querystring: Type.Object({ code: Type.Optional(code), consent }) },
  // The page has asked whether to switch on, and this is the answer.
  post: {
    params,
    querystring: Type.Object({ code, consent, switchOn: Type.Optional(Type.Literal('yes')) }),
  },
};

/**
 * The address in notifications and banners. Without a code who follows it has to be signed in; a notification's code
 * stands for that, for one reconnect: `GET` looks, `POST` uses it up, for all browsers but its own. The page sets the cookie
 * that tells which that is: of two clicks in a row both have it.
 */
export const reconnectRoutes: FastifyPluginCallbackTypebox<
  Rows & Settings & Encryption & Providers
> = (app, deps, done) => {
  const { config, pool, registry } = deps;

  app.get('/reconnect/:id', { schema: schema.get }, async (request, reply) => {
    const { id } = request.params;
    const { code } = request.query;
    noteSubject(request, { integrationId: id });
    const session = await browserSession(deps, request);
    if (session === undefined && code === undefined) {
      return sendToSignIn(config, request, reply, reconnectPath(config, id));
    }
    const credential = await readIntegrationCredential(pool, id);
    // Who is signed in needs no code, and keeps it.
    if (session !== undefined && session.userId === credential?.userId) {
      return reply.redirect(startPath(config, credential.provider, id, credential.name), 302);
    }
    if (code === undefined) {
      throw notYours(config.appName, wayBack(config, session?.returnTo ?? null));
    }
    const found = await usable(request, reply, code);
    const { appName } = config;
    const { label } = found.provider;
    if (found.kind === 'off') {
      const text = `It is connected, and needs no reconnect. To switch it on, go to ${appName}.`;
      return sendPage(reply, messagePage(200, `${label} is switched off`, text, wayIn(config)));
    }
    if (found.kind === 'over') {
      const text = `There is nothing to do here: ${appName} has what it needs.`;
      return sendPage(reply, messagePage(200, `${label} is connected`, text, wayIn(config)));
    }
    const isOff = found.credential.integrationStatus === 'DISABLED';
    const { href } = pageOf(id, request.query.consent, code);
    const action = isOff ? `${href}&switchOn=yes` : href;
    const view = { appName, provider: label, account: found.account, isOff, action };
    const asked = askedOf(found.provider);
    return sendPage(reply, reconnectPage({ ...view, asked, plainHttp: isPlainHttp(config) }));
  });

  app.post('/reconnect/:id', { schema: schema.post }, async (request, reply) => {
    // Another site's form would use the code up.
    checkOwnOrigin(request, config);
    const { id } = request.params;
    const { code } = request.query;
    const { consent, switchOn } = request.query;
    const page = pageOf(id, consent, code);
    noteSubject(request, { integrationId: id });
    const { kind, credential, provider, held } = await usable(request, reply, code);
    // Mended since the page was shown, which now says so.
    if (kind !== 'open') return reply.redirect(codePath(config, id, code), 303);
    // Switched off since the page was shown, which didn't ask about that.
    if (credential.integrationStatus === 'DISABLED' && switchOn === undefined) {
      return reply.redirect(page.href, 303);
    }
    const journey = {
      integrationId: id,
      credentialName: credential.name,
      credentialId: credential.credentialId,
      parameters: credential.parameters,
      returnTo: null,
      // Reconnecting is opting in, and what is off was asked about.
      resume: true,
      consentForced: consent === 'again',
      sessionId: null,
      userLabel: null,
      confirm: 'page',
      reconnectCodeHash: held.codeHash,
    } as const;
    const byCode = { taking: held, page };
    return redirectToProvider(deps, reply, provider, journey, byCode);
  });

  function pageOf(id: string, consent: 'again' | undefined, code: string) {
    const page = { href: codePath(config, id, code), label: 'Try again' };
    return consent === undefined ? page : withConsent(page);
  }

  /** @throws PageFailure */
  async function usable(
    request: FastifyRequest<{ Params: { id: string } }>,
    reply: FastifyReply,
    code: string,
  ) {
    const { id } = request.params;
    const codeHash = sha256(code);
    const cookie = reconnectCookie(config.publicUrl, codeHash);
    const browser = request.cookies[cookie.name] ?? randomToken(32);
    const held = { codeHash, browserHash: sha256(browser) };
    const found = await findByCode({ pool, config, registry }, id, held);
    const { provider, name } = found.credential;
    noteSubject(request, { provider, credential: name });
    const session = await browserSession(deps, request);
    if (session !== undefined && session.userId !== found.credential.userId) {
      throw signedInAsAnother(config, session.userLabel ?? session.userId);
    }
    if (found.kind === 'open') {
      // With the ten minutes of who comes late.
      const expires = new Date(found.expiresAt.getTime() + 600_000);
      reply.setCookie(cookie.name, browser, { ...cookie.options, expires });
    }
    return { ...found, held };
  }
  done();
};
