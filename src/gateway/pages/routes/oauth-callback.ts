import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { createAppFaults } from '../../../app-faults/app-faults';
import { sha256 } from '../../../crypto/hash';
import {
  type OAuthState,
  readStateRefusal,
  type StateKey,
  takeOAuthState,
} from '../../../db/queries/people/oauth-states';
import { browserSession } from '../../http/browser-session';
import { completeConnection } from '../connect/complete';
import { notSetUp } from '../connect/failures';
import { stateCookie, stateCookieSeconds } from '../../http/cookies';
import type { ActorSignals, Encryption, Providers, Rows, Settings } from '../../deps';
import { noteSubject } from '../../http/failure-log';
import { sendPage } from '../send-page';
import { redirectToProvider } from '../connect/redirect-to-provider';
import { stateError } from '../connect/state-errors';
import { wayOn } from '../links';

const schema = { params: Type.Object({ provider: Type.String({ maxLength: 64 }) }) };

/** A person comes back from the provider. */
export const oauthCallbackRoutes: FastifyPluginCallbackTypebox<
  Rows & Settings & Encryption & Providers & ActorSignals
> = (app, deps, done) => {
  const { config, registry, log } = deps;
  const { notifyUrl } = config;
  const appFaults = createAppFaults({ ...deps, notifyUrl });
  // HEAD would use the state up.
  const options = { schema, exposeHeadRoute: false };
  app.get('/oauth/:provider/callback', options, async (request, reply) => {
    const provider = registry.get(request.params.provider);
    if (provider?.oauth === undefined) {
      throw notSetUp(request.params.provider, config.appName, await wayOn(deps, request));
    }
    noteSubject(request, { provider: provider.name });
    const url = new URL(config.publicUrl + request.url);
    const state = url.searchParams.get('state') ?? '';
    const cookie = stateCookie(config.publicUrl, sha256(state));
    const browser = request.cookies[cookie.name] ?? '';
    const browserHash = sha256(browser);
    const key = { stateHash: sha256(state), browserHash, provider: provider.name };
    const journey = await takeState(deps, request, key);
    reply.clearCookie(cookie.name, cookie.options);
    const end = await completeConnection({ ...deps, appFaults }, provider, journey, {
      ...{ url, state, browserHash },
      session: await browserSession(deps, request),
    });
    if (end.kind === 'page') return sendPage(reply, end.page);
    if (end.kind === 'confirm') {
      if (end.bound !== undefined) {
        const { name, options } = stateCookie(config.publicUrl, end.bound.codeHash);
        reply.setCookie(name, browser, { ...options, maxAge: stateCookieSeconds });
      }
      return reply.redirect(end.address, 302);
    }
    const { integrationId } = journey;
    log.info(
      { event: 'credential.asked_again', provider: provider.name, integrationId },
      'A person is asked once more, for offline access',
    );
    return redirectToProvider(deps, reply, provider, { ...journey, consentForced: true });
  });
  done();
};

/** @throws PageFailure */
async function takeState(
  deps: Rows & Settings,
  request: FastifyRequest,
  key: StateKey,
): Promise<OAuthState> {
  const { pool } = deps;
  const journey = await takeOAuthState(pool, key);
  if (journey !== undefined) {
    const { integrationId, credentialName: credential } = journey;
    noteSubject(request, { integrationId, credential });
    return journey;
  }
  const refused = await readStateRefusal(pool, key);
  const { integrationId } = refused;
  if (integrationId !== undefined) noteSubject(request, { integrationId });
  throw await stateError(deps, request, refused);
}
