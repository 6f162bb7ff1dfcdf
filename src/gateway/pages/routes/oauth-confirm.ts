import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { sha256 } from '../../../crypto/hash';
import { readIntegrationCredential } from '../../../db/queries/credentials/of-integration';
import { type Confirmation, readConfirmation } from '../../../db/queries/people/confirmations';
import { namedAccount, openGrant } from '../../../db/queries/people/waiting-grant';
import type { Provider } from '../../../providers/provider';
import { confirmPage } from '../../../web/pages/confirm';
import type { Page } from '../../../web/document/page';
import type { ActorSignals, Encryption, Measuring, Providers, Rows, Settings } from '../../deps';
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
import { PageFailure } from '../page-failure';
import { sendPage } from '../send-page';

const code = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' });
const params = Type.Object({ provider: Type.String({ maxLength: 64 }) });
const asked = { params, querystring: Type.Object({ confirmation: code }) };
const decision = Type.Union([Type.Literal('connect'), Type.Literal('cancel')]);
const switchOn = Type.Optional(Type.Literal('yes'));
const answered = { params, body: Type.Object({ confirmation: code, decision, switchOn }) };

const formBytes = 4_096;

type Deps = Rows & Settings & Encryption & Providers & ActorSignals & Measuring;

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
    const found = await find(deps, request, confirmation);
    if (found instanceof PageFailure) throw found;
    return sendPage(reply, await pageOf(deps, found, confirmation));
  });

  app.post('/oauth/:provider/confirm', { schema: answered }, async (request, reply) => {
    // Another site's form would press the button for its visitors.
    checkOwnOrigin(request, config);
    const { confirmation } = request.body;
    const found = await find(deps, request, confirmation);
    if (!(found instanceof PageFailure)) await answer(deps, found.waiting, request.body);
    // Whatever came of it stands there, however often that is loaded.
    return reply.redirect(confirmPath(config, request.params.provider, confirmation), 303);
  });
  done();
};

/** Pressed twice, it ends as it did the first time. */
async function answer(
  deps: Deps,
  waiting: Confirmation,
  { decision, switchOn }: Static<typeof answered.body>,
) {
  const { state, sealedGrant } = waiting;
  if (state !== 'open' || sealedGrant === null) return;
  if (decision === 'cancel') return cancelGrant(deps, waiting);
  // Of a page that was loaded before it was switched off: that of now asks.
  if (switchOn === undefined && (await switchesOn(deps, waiting))) return;
  await confirmGrant(deps, { ...waiting, sealedGrant });
}

/** It may have been switched off since its person set out. */
async function switchesOn({ pool }: Rows, { resume, integrationId, credentialName }: Confirmation) {
  if (!resume) return false;
  const credential = await readIntegrationCredential(pool, integrationId, credentialName);
  return credential?.integrationStatus === 'DISABLED';
}

interface Found {
  waiting: Confirmation;
  provider: Provider;
  isSignedIn: boolean;
}

/** @returns a failure where this browser has no such confirmation, or is somebody else's now */
async function find(
  deps: Deps,
  request: FastifyRequest<{ Params: { provider: string } }>,
  confirmation: string,
): Promise<Found | PageFailure> {
  const { pool, config, registry } = deps;
  const { provider: name } = request.params;
  const provider = registry.get(name);
  if (provider?.oauth === undefined) {
    return notSetUp(name, config.appName, await wayOn(deps, request));
  }
  const codeHash = sha256(confirmation);
  const browser = request.cookies[stateCookie(config.publicUrl, codeHash).name] ?? '';
  const waiting = await readConfirmation(pool, {
    ...{ codeHash, confirm: 'page', provider: provider.name, browserHash: sha256(browser) },
  });
  if (waiting === undefined) {
    return unknownConfirmation(config.appName, await wayOn(deps, request));
  }
  const { integrationId, credentialName: credential } = waiting;
  noteSubject(request, { provider: provider.name, integrationId, credential });
  const session = await browserSession(deps, request);
  if (session !== undefined && session.userId !== waiting.userId) {
    return otherSession(config.appName, wayBack(config, session.returnTo));
  }
  return { waiting, provider, isSignedIn: session !== undefined };
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

/** What it asks, or what became of it. @throws PageFailure where it could not be stored */
async function pageOf(deps: Deps, found: Found, confirmation: string): Promise<Page> {
  const { config, envelope } = deps;
  const { waiting, provider } = found;
  const { state, codeHash, sealedGrant, userLabel, userId } = waiting;
  if (state !== 'open' || sealedGrant === null) return pageOfEnd(deps, found);
  const account = namedAccount(openGrant(envelope, codeHash, sealedGrant).grant);
  return confirmPage({
    ...{ provider: provider.label, appName: config.appName, userId, code: confirmation },
    account,
    switchesOn: await switchesOn(deps, waiting),
    userLabel: userLabel ?? undefined,
    action: confirmPath(config, provider.name, confirmation),
  });
}

async function pageOfEnd(deps: Deps, found: Found): Promise<Page> {
  const { waiting, provider, isSignedIn } = found;
  const failed = failedAs(deps, found);
  const { integrationId, credentialName } = waiting;
  if (waiting.state === 'cancelled') return cancelledPage(failed);
  if (waiting.state === 'open' || waiting.state === 'expired') return latePage(failed);
  if (waiting.state === 'no_refresh_token') throw noRefreshToken(failed);
  const credential = await readIntegrationCredential(deps.pool, integrationId, credentialName);
  if (waiting.state === 'not_found' || credential === undefined) {
    throw notYours(failed.appName, failed.back);
  }
  const stored = accountOf(credential);
  if (waiting.state === 'account_mismatch') {
    if (stored === undefined) throw notYours(failed.appName, failed.back);
    throw otherAccount(failed, stored, accountOf(waiting));
  }
  const connected = { credential, account: stored, kept: waiting.kept ?? 0, isSignedIn };
  return connectedView(deps, provider, { ...waiting, reconnectCodeHash: null }, connected);
}

const accountOf = ({ accountId: id, accountLabel: label }: Account) =>
  id === null ? undefined : { id, label: label ?? undefined };

type Account = Pick<Confirmation, 'accountId' | 'accountLabel'>;
