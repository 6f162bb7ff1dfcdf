import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { randomToken, sha256 } from '../../crypto/hash';
import { readIntegrationCredential } from '../../db/queries/integration-credential';
import type { Queryable } from '../../db/pool';
import { readSessionLink, redeemSessionLink, type SessionLink } from '../../db/queries/sessions';
import { messagePage } from '../../web/connect-pages';
import { sessionLinkPage } from '../../web/session-link-page';
import { sessionCookie } from '../cookies';
import type { GatewayDeps } from '../deps';
import { PageFailure } from '../page-failure';
import { noteSubject } from '../plugins/failure-log';
import { sendPage } from '../plugins/pages';
import { startPath } from '../start-path';

const schema = { params: Type.Object({ code: Type.String() }) };

/** The link that the application gave its user: `GET` looks, `POST` signs in, once. */
export const sessionLinkRoutes: FastifyPluginCallbackTypebox<
  Pick<GatewayDeps, 'pool' | 'config' | 'registry'>
> = (app, { pool, config, registry }, done) => {
  const origin = new URL(config.publicUrl).origin;

  async function usableLink(
    request: FastifyRequest<{ Params: { code: string } }>,
  ): Promise<SessionLink> {
    const link = await readSessionLink(pool, sha256(request.params.code));
    const integrationId = link?.integrationId ?? undefined;
    if (integrationId !== undefined) noteSubject(request, { integrationId });
    return usable(link, config.appName);
  }

  app.get('/s/:code', { schema }, async (request, reply) => {
    const link = await usableLink(request);
    const provider = await providerOf(pool, link);
    return sendPage(
      reply,
      sessionLinkPage({
        appName: config.appName,
        person: link.userLabel ?? link.userId,
        provider: provider === undefined ? undefined : (registry.get(provider)?.label ?? provider),
        plainHttp: origin.startsWith('http:'),
      }),
    );
  });

  app.post('/s/:code', { schema }, async (request, reply) => {
    // Another site's form would sign its visitors in as someone of its choice.
    if (request.headers.origin !== origin) throw foreignForm();
    const linkHash = sha256(request.params.code);
    const link = await usableLink(request);
    const provider = await providerOf(pool, link);
    const value = randomToken(32);
    if (!(await redeemSessionLink(pool, linkHash, sha256(value)))) throw used(config.appName);
    const cookie = sessionCookie(config.publicUrl);
    return reply
      .setCookie(cookie.name, value, { ...cookie.options, expires: link.expiresAt })
      .header('cache-control', 'no-store')
      .redirect(nextPath(link, provider), 303);
  });
  done();
};

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

function nextPath({ integrationId, credentialName }: SessionLink, provider?: string): string {
  if (provider === undefined || integrationId === null) return '/';
  return startPath(provider, integrationId, credentialName ?? undefined);
}

function usable(link: SessionLink | undefined, appName: string): SessionLink {
  if (link === undefined) {
    throw new PageFailure(
      'link_unknown',
      messagePage(
        404,
        'This link is not right',
        `It may have been cut off. Ask for a new one in ${appName}.`,
      ),
    );
  }
  if (link.state === 'used') throw used(appName);
  if (link.state === 'expired') {
    throw new PageFailure(
      'link_expired',
      messagePage(
        410,
        'This link has expired',
        `Links work for ten minutes. Ask for a new one in ${appName}.`,
      ),
    );
  }
  return link;
}

function used(appName: string): PageFailure {
  return new PageFailure(
    'link_used',
    messagePage(
      410,
      'This link was used already',
      `A link works once. Ask for a new one in ${appName}.`,
    ),
  );
}

function foreignForm(): PageFailure {
  return new PageFailure(
    'foreign_form',
    messagePage(
      403,
      'This has to be started here',
      'The request came from another website. Open the link itself and press its button.',
    ),
  );
}
