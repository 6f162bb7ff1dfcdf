import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { randomToken, sha256 } from '../../../crypto/hash';
import { readIntegrationCredential } from '../../../db/queries/credentials/of-integration';
import type { Queryable } from '../../../db/pool';
import {
  readSessionLink,
  redeemSessionLink,
  type SessionLink,
} from '../../../db/queries/people/session-links';
import { scopesInWords } from '../../../oauth/granted-scopes';
import type { Provider } from '../../../providers/provider';
import { messagePage, type Way } from '../../../web/pages/message';
import { sessionLinkPage } from '../../../web/pages/session-link';
import { sessionCookie } from '../../http/cookies';
import { ownPath } from '../../http/own-path';
import type { GatewayConfig, Providers, Rows, Settings } from '../../deps';
import { checkOwnOrigin } from '../own-origin';
import { PageFailure } from '../page-failure';
import { noteSubject } from '../../http/failure-log';
import { sendPage } from '../send-page';
import { isPlainHttp, startPath, wayOn } from '../links';

const schema = { params: Type.Object({ code: Type.String() }) };

/** The link that the application gave its user: `GET` looks, `POST` signs in, once. */
export const sessionLinkRoutes: FastifyPluginCallbackTypebox<Rows & Settings & Providers> = (
  app,
  deps,
  done,
) => {
  const { pool, config, registry } = deps;

  async function usableLink(
    request: FastifyRequest<{ Params: { code: string } }>,
  ): Promise<SessionLink> {
    const link = await readSessionLink(pool, sha256(request.params.code));
    const integrationId = link?.integrationId ?? undefined;
    if (integrationId !== undefined) noteSubject(request, { integrationId });
    if (link?.state === 'open') return link;
    throw unusable(link?.state ?? 'unknown', config.appName, await wayOn(deps, request));
  }

  app.get('/s/:code', { schema }, async (request, reply) => {
    const link = await usableLink(request);
    const name = await providerOf(pool, link);
    const provider = name === undefined ? undefined : registry.get(name);
    return sendPage(
      reply,
      sessionLinkPage({
        appName: config.appName,
        person: link.userLabel ?? link.userId,
        provider: provider?.label ?? name,
        logoUrl: provider?.logoUrl,
        ...askedOf(provider),
        plainHttp: isPlainHttp(config),
      }),
    );
  });

  app.post('/s/:code', { schema }, async (request, reply) => {
    // Another site's form would sign its visitors in as someone of its choice.
    checkOwnOrigin(request, config);
    const linkHash = sha256(request.params.code);
    const link = await usableLink(request);
    const provider = await providerOf(pool, link);
    const value = randomToken(32);
    if (!(await redeemSessionLink(pool, linkHash, sha256(value)))) {
      throw unusable('used', config.appName, await wayOn(deps, request));
    }
    const cookie = sessionCookie(config.publicUrl);
    return reply
      .setCookie(cookie.name, value, { ...cookie.options, expires: link.expiresAt })
      .redirect(nextPath(config, link, provider), 303);
  });
  done();
};

/** What the provider is going to ask for, in words; and without which of it nothing is connected. */
function askedOf(provider: Provider | undefined) {
  const { scopes = [], requiredScopes = [] } = provider?.oauth ?? {};
  const inWords = (some: readonly string[]) => scopesInWords(provider?.oauth ?? {}, some);
  return {
    needed: inWords(requiredScopes),
    alsoAsked: inWords(scopes.filter((scope) => !requiredScopes.includes(scope))),
  };
}

async function providerOf(pool: Queryable, link: SessionLink): Promise<string | undefined> {
  const { integrationId, credentialName } = link;
  if (integrationId === null) return undefined;
  const credential = await readIntegrationCredential(
    pool,
    integrationId,
    credentialName ?? undefined,
  );
  return credential?.provider;
}

function nextPath(
  config: GatewayConfig,
  { integrationId, credentialName }: SessionLink,
  provider?: string,
): string {
  if (provider === undefined || integrationId === null) return ownPath(config, '/');
  return startPath(config, provider, integrationId, credentialName ?? undefined);
}

const refusals = {
  unknown: {
    status: 404,
    title: 'This link is not right',
    text: 'It may have been cut off.',
  },
  used: { status: 410, title: 'This link was used already', text: 'A link works once.' },
  expired: { status: 410, title: 'This link has expired', text: 'Links work for ten minutes.' },
} as const;

/** One that never was, and one that is gone with its session, are alike. */
function unusable(state: keyof typeof refusals, appName: string, way: Way) {
  const { status, title, text } = refusals[state];
  const page = messagePage(status, title, `${text} Ask for a new one in ${appName}.`, way);
  return new PageFailure(`link_${state}`, page);
}
