import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { sha256 } from '../../crypto/hash';
import { type OAuthState, readStateRefusal, takeOAuthState } from '../../db/queries/oauth-states';
import { sendToProvider } from '../authorization';
import { completeConnection } from '../complete-connection';
import { notSetUp, stateRefused } from '../connect-failures';
import { stateCookie } from '../cookies';
import type { GatewayDeps } from '../deps';
import { sendPage } from '../plugins/pages';

type Deps = Omit<GatewayDeps, 'handlerNames' | 'pingTemporal'>;

const schema = { params: Type.Object({ provider: Type.String({ maxLength: 64 }) }) };

/** A person comes back from the provider. */
export const oauthCallbackRoutes: FastifyPluginCallbackTypebox<Deps> = (app, deps, done) => {
  const { config, registry } = deps;
  // HEAD would use the state up.
  const options = { schema, exposeHeadRoute: false };
  app.get('/oauth/:provider/callback', options, async (request, reply) => {
    const provider = registry.get(request.params.provider);
    if (provider?.oauth === undefined) throw notSetUp(request.params.provider, config.appName);
    const url = new URL(request.url, config.publicUrl);
    const state = url.searchParams.get('state') ?? '';
    const cookie = stateCookie(config.publicUrl, sha256(state));
    const journey = await takeState(deps, request, provider.name, state);
    reply.clearCookie(cookie.name, cookie.options);
    const end = await completeConnection(deps, provider, journey, { url, state });
    return end.kind === 'page'
      ? sendPage(reply, end.page)
      : sendToProvider(deps, reply, provider, { ...journey, consentForced: true });
  });
  done();
};

/** @throws PageFailure */
async function takeState(
  { pool, config }: Deps,
  request: FastifyRequest,
  provider: string,
  state: string,
): Promise<OAuthState> {
  const stateHash = sha256(state);
  const browser = request.cookies[stateCookie(config.publicUrl, stateHash).name] ?? '';
  const key = { stateHash, browserHash: sha256(browser), provider };
  const journey = await takeOAuthState(pool, key);
  if (journey !== undefined) return journey;
  throw stateRefused(await readStateRefusal(pool, key), config.appName);
}
