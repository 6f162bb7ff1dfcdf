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
import { messagePage, type Way } from '../../../web/pages/message';
import { sessionLinkPage } from '../../../web/pages/session-link';
import { sessionCookie } from '../../http/cookies';
import { ownPath } from '../../http/own-path';
import type { GatewayConfig, Providers, Rows, Settings } from '../../deps';
import { askedOf } from '../asked-of';
import { checkOwnOrigin } from '../own-origin';
import { PageFailure } from '../page-failure';
import { noteSubject } from '../../http/failure-log';
import { sendPage } from '../send-page';
import { linkAddress, pageOrigin } from '../../operations/session-links';
import { byPage, isPlainHttp, startPath, wayOn } from '../links';

const schema = { params: Type.Object({ code: Type.String() }) };

/** The link that the application gave its user, or that a banner asked for: `GET` looks, `POST` signs in, once. */
export const sessionLinkRoutes: FastifyPluginCallbackTypebox<Rows & Settings & Providers> = (
  app,
  deps,
  done,
) => {
  const { pool, config, registry } = deps;

  async function usable(
    request: FastifyRequest,
    link: SessionLink | undefined,
  ): Promise<SessionLink> {
    const integrationId = link?.integrationId ?? undefined;
    if (integrationId !== undefined) noteSubject(request, { integrationId });
    if (link?.state === 'open') return link;
    throw unusable(link?.state ?? 'unknown', config.appName, await wayOn(deps, request));
  }

  app.get('/s/:code', { schema }, async (request, reply) => {
    const link = await usable(request, await readSessionLink(pool, sha256(request.params.code)));
    const name = await providerOf(pool, link);
    const provider = name === undefined ? undefined : registry.get(name);
    return sendPage(
      reply,
      sessionLinkPage({
        appName: config.appName,
        person: link.userLabel ?? link.userId,
        provider: provider?.label ?? name,
        logoUrl: provider?.logoUrl,
        asked: askedOf(provider),
        plainHttp: isPlainHttp(config),
      }),
    );
  });

  app.post('/s/:code', { schema }, async (request, reply) => {
    const linkHash = sha256(request.params.code);
    const found = await readSessionLink(pool, linkHash);
    const ofAsker = found !== undefined && isOfAsker(request, found, config);
    // To our own button, which comes from here.
    if (ofAsker === 'unnamed') return reply.redirect(linkAddress(config, request.params.code), 303);
    // Another site's form would sign its visitors in as someone of its choice.
    if (!ofAsker) checkOwnOrigin(request, config);
    const link = await usable(request, found);
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

/**
 * Whether it is of the page that asked for the link, with the bearer of whoever sits there; `unnamed` where the browser
 * doesn't say: so it is under a referrer policy that hides the page, and in a sandbox of anybody's.
 */
function isOfAsker(
  request: FastifyRequest,
  { askedFrom }: Pick<SessionLink, 'askedFrom'>,
  config: GatewayConfig,
): boolean | 'unnamed' {
  if (askedFrom === null) return false;
  const { origin = 'null', 'sec-fetch-site': site } = request.headers;
  // Of our own button it would lead to that button again, for ever.
  if (origin === 'null') return site === 'same-origin' ? false : 'unnamed';
  return askedFrom === pageOrigin(request, config);
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
  { integrationId, credentialName, askedFrom }: SessionLink,
  provider?: string,
): string {
  if (provider === undefined || integrationId === null) return ownPath(config, '/');
  const start = startPath(config, provider, integrationId, credentialName ?? undefined);
  return askedFrom === null ? start : byPage(start);
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
