import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { onwardPage, switchOnPage } from '../../../web/pages/reconnect';
import { readIntegrationCredential } from '../../../db/queries/credentials/of-integration';
import { switchesOn } from '../../../live/session-scope';
import { browserSession } from '../../http/browser-session';
import { askedOf } from '../asked-of';
import { notSetUp, notYours } from '../connect/failures';
import type { Encryption, Providers, Rows, Settings } from '../../deps';
import { noteSubject } from '../../http/failure-log';
import { credentialNamePattern } from '../../http/schemas/text';
import { redirectToProvider } from '../connect/redirect-to-provider';
import { checkOwnOrigin } from '../own-origin';
import { sendPage } from '../send-page';
import { sendToSignIn } from '../sign-in';
import { isPlainHttp, reconnectPath, startPath, wayBack } from '../links';

const schema = {
  params: Type.Object({ provider: Type.String({ maxLength: 64 }) }),
  querystring: Type.Object({
    integration: Type.String({ pattern: '^int_[A-Za-z0-9]{1,60}$' }),
    credential: Type.Optional(Type.String({ pattern: credentialNamePattern })),
    // The person has left out what is needed: an answer without a question would be the same.
    consent: Type.Optional(Type.Literal('again')),
    // The application's page has posted to get here: Chromium applies its `form-action` to every redirect on the way, to the
    // provider's own address too, and a page ends that.
    via: Type.Optional(Type.Literal('page')),
  }),
};

/**
 * A signed-in person sets out for the provider. What is switched off would be switched on by that: there `GET` asks, and
 * `POST` is the answer.
 */
export const oauthStartRoutes: FastifyPluginCallbackTypebox<
  Rows & Settings & Encryption & Providers
> = (app, deps, done) => {
  const { pool, config, registry } = deps;

  app.route({
    method: ['GET', 'POST'],
    url: '/oauth/:provider/start',
    schema,
    // HEAD would leave a state behind.
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      // Another site's form would switch on what its visitors have switched off.
      if (request.method === 'POST') checkOwnOrigin(request, config);
      const { integration, credential: name } = request.query;
      noteSubject(request, {
        integrationId: integration,
        ...(name === undefined ? {} : { credential: name }),
      });
      const provider = registry.get(request.params.provider);
      if (request.method === 'GET' && request.query.via === 'page' && provider !== undefined) {
        const href = startPath(config, provider.name, integration, name);
        return sendPage(reply, onwardPage(provider.label, href));
      }
      const session = await browserSession(deps, request);
      if (session === undefined)
        return sendToSignIn(config, request, reply, reconnectPath(config, integration));
      const back = wayBack(config, session.returnTo);
      const credential = await readIntegrationCredential(pool, integration, name);
      if (credential?.userId !== session.userId) throw notYours(config.appName, back);
      noteSubject(request, { provider: credential.provider, credential: credential.name });
      if (provider?.oauth === undefined || provider.name !== credential.provider) {
        throw notSetUp(provider?.label ?? request.params.provider, config.appName, back);
      }
      const resume = switchesOn(session, integration);
      if (credential.integrationStatus === 'DISABLED' && resume && request.method === 'GET') {
        return sendPage(
          reply,
          switchOnPage({
            appName: config.appName,
            provider: provider.label,
            asked: askedOf(provider),
            account: credential.accountLabel ?? credential.accountId,
            isFirst: credential.version === 0,
            plainHttp: isPlainHttp(config),
            back,
          }),
        );
      }
      return redirectToProvider(deps, reply, provider, {
        integrationId: integration,
        credentialName: credential.name,
        credentialId: credential.credentialId,
        parameters: credential.parameters,
        returnTo: session.returnTo,
        resume,
        consentForced: request.query.consent === 'again',
        sessionId: session.id,
        userLabel: session.userLabel,
        confirm: session.confirm,
        reconnectCodeHash: null,
      });
    },
  });
  done();
};
