import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { readIntegrationCredential } from '../../../db/queries/credentials/of-integration';
import { mayDo } from '../../../live/session-scope';
import { browserSession } from '../../http/browser-session';
import { notSetUp, notYours } from '../connect/failures';
import type { Encryption, Providers, Rows, Settings } from '../../deps';
import { noteSubject } from '../../http/failure-log';
import { credentialNamePattern } from '../../http/schemas/text';
import { redirectToProvider } from '../connect/redirect-to-provider';
import { sendToSignIn } from '../sign-in';
import { reconnectPath, wayBack } from '../links';

const schema = {
  params: Type.Object({ provider: Type.String({ maxLength: 64 }) }),
  querystring: Type.Object({
    integration: Type.String({ pattern: '^int_[A-Za-z0-9]{1,60}$' }),
    credential: Type.Optional(Type.String({ pattern: credentialNamePattern })),
    // The person has left out what is needed: an answer without a question would be the same.
    consent: Type.Optional(Type.Literal('again')),
  }),
};

/** A signed-in person sets out for the provider. */
export const oauthStartRoutes: FastifyPluginCallbackTypebox<
  Rows & Settings & Encryption & Providers
> = (app, deps, done) => {
  const { pool, config, registry } = deps;
  // HEAD would leave a state behind.
  app.get('/oauth/:provider/start', { schema, exposeHeadRoute: false }, async (request, reply) => {
    const { integration, credential: name } = request.query;
    noteSubject(request, {
      integrationId: integration,
      ...(name === undefined ? {} : { credential: name }),
    });
    const session = await browserSession(deps, request);
    if (session === undefined)
      return sendToSignIn(config, request, reply, reconnectPath(config, integration));
    const back = wayBack(config, session.returnTo);
    const credential = await readIntegrationCredential(pool, integration, name);
    if (credential?.userId !== session.userId) throw notYours(config.appName, back);
    noteSubject(request, { provider: credential.provider, credential: credential.name });
    const provider = registry.get(request.params.provider);
    if (provider?.oauth === undefined || provider.name !== credential.provider) {
      throw notSetUp(provider?.label ?? request.params.provider, config.appName, back);
    }
    const sameJourney = session.integrationId === integration;
    return redirectToProvider(deps, reply, provider, {
      integrationId: integration,
      credentialName: credential.name,
      credentialId: credential.credentialId,
      parameters: credential.parameters,
      returnTo: session.returnTo,
      // A person who reconnects an integration opts in, unless the application asked otherwise for it, or doesn't let
      // them switch anything on.
      resume: mayDo(session.scope, 'manage') && (sameJourney ? session.resume : true),
      consentForced: request.query.consent === 'again',
      sessionId: session.id,
      userLabel: session.userLabel,
      confirm: session.confirm,
    });
  });
  done();
};
