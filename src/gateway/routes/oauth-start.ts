import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { readIntegrationCredential } from '../../db/queries/integration-credential';
import { DiscoveryError } from '../../oauth/discovery';
import { sendToProvider } from '../authorization';
import { browserSession } from '../browser-session';
import { notSetUp, notYours, providerSilent, signedOut } from '../connect-failures';
import type { GatewayDeps } from '../deps';

const schema = {
  params: Type.Object({ provider: Type.String({ maxLength: 64 }) }),
  querystring: Type.Object({
    integration: Type.String({ pattern: '^int_[A-Za-z0-9]{1,60}$' }),
    credential: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$' })),
  }),
};

/** A signed-in person sets out for the provider. */
export const oauthStartRoutes: FastifyPluginCallbackTypebox<
  Pick<GatewayDeps, 'pool' | 'config' | 'registry' | 'envelope' | 'log'>
> = (app, deps, done) => {
  const { pool, config, registry, log } = deps;
  // HEAD would leave a state behind.
  app.get('/oauth/:provider/start', { schema, exposeHeadRoute: false }, async (request, reply) => {
    const session = await browserSession(deps, request);
    if (session === undefined) throw signedOut(config.appName);
    const { integration, credential: name } = request.query;
    const credential = await readIntegrationCredential(pool, integration, name);
    if (credential?.userId !== session.userId) throw notYours(config.appName);
    const provider = registry.get(request.params.provider);
    if (provider?.oauth === undefined || provider.name !== credential.provider) {
      throw notSetUp(provider?.label ?? request.params.provider, config.appName);
    }
    const sameJourney = session.integrationId === integration;
    try {
      return await sendToProvider(deps, reply, provider, {
        integrationId: integration,
        credentialName: credential.name,
        credentialId: credential.credentialId,
        parameters: credential.parameters,
        returnTo: session.returnTo,
        // A person who reconnects an integration opts in, unless the application asked otherwise for it.
        resume: sameJourney ? session.resume : true,
        consentForced: false,
      });
    } catch (error) {
      if (!(error instanceof DiscoveryError)) throw error;
      log.warn({ provider: provider.name, err: error.message }, 'a provider could not be asked');
      throw providerSilent(provider.label, undefined, error);
    }
  });
  done();
};
