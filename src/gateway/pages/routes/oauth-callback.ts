import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest, onResponseHookHandler } from 'fastify';
import { Type } from 'typebox';
import { createAppFaults } from '../../../app-faults/app-faults';
import { sha256 } from '../../../crypto/hash';
import {
  readStateRefusal,
  type StateKey,
  takeOAuthState,
} from '../../../db/queries/people/oauth-states';
import { unknownProvider } from '../../../metrics/gateway';
import { browserSession } from '../../http/browser-session';
import { type Confirming, confirmingAgain } from '../connect/await-confirmation';
import { completeConnection } from '../connect/complete';
import { notSetUp } from '../connect/failures';
import { stateCookie, stateCookieSeconds } from '../../http/cookies';
import type { ActorSignals, Encryption, Measuring, Providers, Rows, Settings } from '../../deps';
import { failureCodeOf, noteSubject, subjectOf } from '../../http/failure-log';
import type { PageFailure } from '../page-failure';
import { sendPage } from '../send-page';
import { redirectToProvider } from '../connect/redirect-to-provider';
import { stateError } from '../connect/state-errors';
import { wayOn } from '../links';

const schema = { params: Type.Object({ provider: Type.String({ maxLength: 64 }) }) };

/** Of what is no failure: a confirmation's own end is measured where it is given. */
const endNames = {
  page: 'connected',
  confirm: 'to_confirm',
  ask_consent: 'asked_again',
} as const;

/** A person comes back from the provider. */
export const oauthCallbackRoutes: FastifyPluginCallbackTypebox<
  Rows & Settings & Encryption & Providers & ActorSignals & Measuring
> = (app, deps, done) => {
  const { config, registry, metrics, log } = deps;
  const { notifyUrl } = config;
  const appFaults = createAppFaults({ ...deps, notifyUrl });
  const ends = new WeakMap<object, string>();
  const onResponse: onResponseHookHandler = (request, _reply, next) => {
    const { provider = unknownProvider } = subjectOf(request);
    const result = failureCodeOf(request) ?? ends.get(request) ?? 'failed';
    metrics?.connect(provider, result);
    next();
  };
  // HEAD would use the state up.
  const options = {
    ...{ schema, exposeHeadRoute: false },
    ...(metrics === undefined ? {} : { onResponse }),
  };
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
    const session = await browserSession(deps, request);
    const journey = await takeOAuthState(deps.pool, key);
    if (journey === undefined) {
      const brought = { state, provider: provider.name, session };
      const again = await confirmingAgain(deps, request, brought);
      if (again === undefined) throw await refused(deps, request, key);
      ends.set(request, endNames.confirm);
      return sendToConfirm(reply, again, again.browser);
    }
    const { integrationId, credentialName: credential } = journey;
    noteSubject(request, { integrationId, credential });
    reply.clearCookie(cookie.name, cookie.options);
    const end = await completeConnection({ ...deps, appFaults }, provider, journey, {
      ...{ url, state, browserHash, session },
    });
    ends.set(request, endNames[end.kind]);
    if (end.kind === 'page') return sendPage(reply, end.page);
    if (end.kind === 'confirm') return sendToConfirm(reply, end, browser);
    log.info(
      { event: 'credential.asked_again', provider: provider.name, integrationId },
      'A person is asked once more, for offline access',
    );
    return redirectToProvider(deps, reply, provider, { ...journey, consentForced: true });
  });

  function sendToConfirm(reply: FastifyReply, { address, bound }: Confirming, browser: string) {
    if (bound !== undefined) {
      const { name, options } = stateCookie(config.publicUrl, bound.codeHash);
      reply.setCookie(name, browser, { ...options, maxAge: stateCookieSeconds });
    }
    return reply.redirect(address, 302);
  }
  done();
};

/** Why there is nothing to come back to. */
async function refused(
  deps: Rows & Settings,
  request: FastifyRequest,
  key: StateKey,
): Promise<PageFailure> {
  const refusal = await readStateRefusal(deps.pool, key);
  const { integrationId } = refusal;
  if (integrationId !== undefined) noteSubject(request, { integrationId });
  return stateError(deps, request, refusal);
}
