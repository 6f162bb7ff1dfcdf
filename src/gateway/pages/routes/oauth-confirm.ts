import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { sha256 } from '../../../crypto/hash';
import { readIntegrationCredential } from '../../../db/queries/credentials/of-integration';
import { type Confirmation, readConfirmation } from '../../../db/queries/people/confirmations';
import { namedAccount, openGrant } from '../../../db/queries/people/waiting-grant';
import type { Provider } from '../../../providers/provider';
import { confirmPage } from '../../../web/pages/confirm';
import type { Page } from '../../../web/document/page';
import type { ActorSignals, Encryption, Providers, Rows, Settings } from '../../deps';
import { browserSession } from '../../http/browser-session';
import { stateCookie } from '../../http/cookies';
import { noteSubject } from '../../http/failure-log';
import { cancelGrant, confirmGrant } from '../../operations/confirm-grant';
import {
  cancelledPage,
  latePage,
  otherSession,
  unknownConfirmation,
} from '../connect/confirmation-ends';
import { connectedView } from '../connect/connected';
import {
  type FailedConnection,
  noRefreshToken,
  notSetUp,
  notYours,
  otherAccount,
} from '../connect/failures';
import { confirmPath, startPath, wayBack, wayOn } from '../links';
import { checkOwnOrigin } from '../own-origin';
import { sendPage } from '../send-page';

const code = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' });
const params = Type.Object({ provider: Type.String({ maxLength: 64 }) });
const asked = { params, querystring: Type.Object({ confirmation: code }) };
const decision = Type.Union([Type.Literal('connect'), Type.Literal('cancel')]);
const answered = { params, body: Type.Object({ confirmation: code, decision }) };

const formBytes = 4_096;

type Deps = Rows & Settings & Encryption & Providers & ActorSignals;

/** A person says whether it is their account that came back from the provider, and sees what became of it. */
export const oauthConfirmRoutes: FastifyPluginCallbackTypebox<Deps> = (app, deps, done) => {
  const { config } = deps;
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: formBytes },
    (_request, body, next) => next(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );

  app.get('/oauth/:provider/confirm', { schema: asked }, async (request, reply) => {
    const { confirmation } = request.query;
    const found = await find(deps, request, request.params.provider, confirmation);
    return sendPage(reply, await pageOf(deps, found, confirmation));
  });

  app.post('/oauth/:provider/confirm', { schema: answered }, async (request, reply) => {
    // Another site's form would press the button for its visitors.
    checkOwnOrigin(request, config);
    const { confirmation, decision } = request.body;
    const found = await find(deps, request, request.params.provider, confirmation);
    const { waiting, provider } = found;
    const { state, sealedGrant } = waiting;
    // Pressed twice, it ends as it did the first time.
    if (state === 'open' && sealedGrant !== null) {
      if (decision === 'cancel') await cancelGrant(deps, waiting);
      else await connect(deps, found, { ...waiting, sealedGrant });
    }
    return reply.redirect(confirmPath(config, provider.name, confirmation), 303);
  });
  done();
};

interface Found {
  waiting: Confirmation;
  provider: Provider;
  isSignedIn: boolean;
}

/** @throws PageFailure where this browser has no such confirmation, or is somebody else's now */
async function find(
  deps: Deps,
  request: FastifyRequest,
  providerName: string,
  confirmation: string,
): Promise<Found> {
  const { pool, config, registry } = deps;
  const provider = registry.get(providerName);
  if (provider?.oauth === undefined) {
    throw notSetUp(providerName, config.appName, await wayOn(deps, request));
  }
  const codeHash = sha256(confirmation);
  const browser = request.cookies[stateCookie(config.publicUrl, codeHash).name] ?? '';
  const waiting = await readConfirmation(pool, {
    ...{ codeHash, confirm: 'page', provider: provider.name, browserHash: sha256(browser) },
  });
  if (waiting === undefined) {
    throw unknownConfirmation(config.appName, await wayOn(deps, request));
  }
  const { integrationId, credentialName: credential } = waiting;
  noteSubject(request, { provider: provider.name, integrationId, credential });
  const session = await browserSession(deps, request);
  if (session !== undefined && session.userId !== waiting.userId) {
    throw otherSession(config.appName, wayBack(config, session.returnTo));
  }
  return { waiting, provider, isSignedIn: session !== undefined };
}

/** @throws PageFailure where it can't be stored any more */
async function connect(
  deps: Deps,
  found: Found,
  waiting: Confirmation & { sealedGrant: Buffer },
): Promise<void> {
  const outcome = await confirmGrant(deps, waiting);
  const failed = failedAs(deps, found);
  if (outcome.kind === 'account_mismatch') throw otherAccount(failed, outcome.stored, outcome.came);
  if (outcome.kind === 'no_refresh_token') throw noRefreshToken(failed);
  if (outcome.kind === 'not_found') throw notYours(failed.appName, failed.back);
}

function failedAs({ config }: Deps, { waiting, provider }: Found): FailedConnection {
  const { integrationId, credentialName, returnTo } = waiting;
  return {
    provider: provider.label,
    appName: config.appName,
    again: {
      href: startPath(config, provider.name, integrationId, credentialName),
      label: 'Try again',
    },
    back: wayBack(config, returnTo),
  };
}

/** What it asks, or what became of it. */
async function pageOf(deps: Deps, found: Found, confirmation: string): Promise<Page> {
  const { pool, config, envelope } = deps;
  const { waiting, provider, isSignedIn } = found;
  const failed = failedAs(deps, found);
  const { state, codeHash, sealedGrant, userLabel, userId, kept, integrationId } = waiting;
  if (state === 'open' && sealedGrant !== null) {
    const account = namedAccount(openGrant(envelope, codeHash, sealedGrant).grant);
    return confirmPage({
      ...{ provider: provider.label, appName: config.appName, userId, code: confirmation },
      account,
      userLabel: userLabel ?? undefined,
      action: new URL(confirmPath(config, provider.name, ''), config.publicUrl).pathname,
    });
  }
  if (state === 'connected') {
    const credential = await readIntegrationCredential(pool, integrationId, waiting.credentialName);
    if (credential === undefined) throw notYours(config.appName, failed.back);
    const { accountId, accountLabel } = credential;
    const account =
      accountId === null ? undefined : { id: accountId, label: accountLabel ?? undefined };
    const connected = { credential, account, kept: kept ?? 0, isSignedIn };
    return connectedView(deps, provider, { ...waiting, reconnectCodeHash: null }, connected);
  }
  return state === 'cancelled' ? cancelledPage(failed) : latePage(failed);
}
