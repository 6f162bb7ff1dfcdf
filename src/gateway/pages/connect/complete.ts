import type { AppFaults } from '../../../app-faults/app-faults';
import {
  type IntegrationCredential,
  readIntegrationCredential,
} from '../../../db/queries/credentials/of-integration';
import { countPending } from '../../../db/queries/deliveries/pending-count';
import type { OAuthState } from '../../../db/queries/people/oauth-states';
import type { Session } from '../../../db/queries/people/sessions';
import { messageOf } from '../../../lib/errors';
import type { ExchangeFailure } from '../../../oauth/exchange-failure';
import { missingScopes, scopesInWords } from '../../../oauth/granted-scopes';
import { grantEnd } from '../../../oauth/grant-end';
import { lacksRefreshToken } from '../../../oauth/offline-access';
import type { TokenSet } from '../../../oauth/token-set';
import type { Provider } from '../../../providers/provider';
import type { Page } from '../../../web/document/page';
import type { ActorSignals, Encryption, Rows, Settings } from '../../deps';
import { storeGrant } from '../../operations/store-grant';
import { waitAtMost } from '../../../lib/timing';
import { wayBack, withConsent } from '../links';
import type { PageFailure } from '../page-failure';
import { awaitConfirmation, type Confirming } from './await-confirmation';
import { otherSession } from './confirmation-ends';
import { connectedView } from './connected';
import { wayAgain, wayOut } from './way-again';
import {
  type FailedConnection,
  noRefreshToken,
  notYours,
  otherAccount,
  appFault,
  denied,
  invalidCode,
  providerSilent,
  scopeMissing,
} from './failures';
import { obtainGrant, type AccountFailure } from './obtain-grant';
import { accountUnknown } from './reconnect-code';

interface Deps extends Rows, Settings, Encryption, ActorSignals {
  appFaults: AppFaults;
}

/** What a person waits while actors are told whether the provider takes the application. */
const patienceMs = 2_000;

/** A page, or somebody has to confirm it, or the person has to be asked for lasting access once more. */
type End =
  { kind: 'page'; page: Page } | ({ kind: 'confirm' } & Confirming) | { kind: 'ask_consent' };

/**
 * Turns a used-up state and what came back with it into a grant: stored where the provider says that it is of the account
 * that is stored already, else waiting for its confirmation.
 * @throws PageFailure
 */
export async function completeConnection(
  deps: Deps,
  provider: Provider,
  journey: OAuthState,
  callback: { url: URL; state: string; browserHash: Buffer; session: Session | undefined },
): Promise<End> {
  const { pool, config, log, appFaults } = deps;
  const { integrationId, credentialName, credentialId } = journey;
  const failed: FailedConnection = {
    provider: provider.label,
    appName: config.appName,
    again: await wayAgain(deps, provider.name, journey),
    back: wayOut(config, journey),
  };
  // Whatever becomes of that: the code is used up, and what it brought must not be lost over it.
  const noted = (work: Promise<void>) =>
    waitAtMost(work, patienceMs).catch((error: unknown) =>
      log.warn(
        { event: 'application_fault.not_stored', provider: provider.name, err: messageOf(error) },
        'An application fault could not be stored or ended',
      ),
    );
  const before = await readIntegrationCredential(pool, integrationId, credentialName);
  if (before === undefined) throw notYours(config.appName, failed.back);
  const { session } = callback;
  // Before the code is used: nobody's tokens have to be revoked then.
  if (session !== undefined && session.userId !== before.userId) {
    throw otherSession(config.appName, wayBack(config, session.returnTo));
  }
  const obtained = await obtainGrant(deps, provider, journey, callback);
  if (obtained.kind === 'app_fault') await noted(appFaults.report(provider.name, obtained.code));
  if (obtained.kind !== 'obtained') {
    throw explainFailure(failed, obtained);
  }
  await noted(appFaults.clear(provider.name));
  const { tokens, account, accountProven } = obtained;

  const credential = await readIntegrationCredential(pool, integrationId, credentialName);
  if (credential?.credentialId !== credentialId) throw notYours(config.appName, failed.back);
  const stored = storedAccount(credential);
  if (account !== undefined && stored !== undefined && account.id !== stored.id) {
    throw otherAccount(failed, stored, account);
  }
  if (journey.reconnectCodeHash !== null && !(accountProven && account?.id === stored?.id)) {
    throw accountUnknown(failed);
  }
  const { oauth } = provider;
  const missing = oauth === undefined ? [] : missingScopes(oauth, tokens.scopes);
  if (oauth !== undefined && missing.length > 0) {
    // Not revoked: at some providers that ends an earlier grant of the account, too.
    const again = failed.again && withConsent(failed.again);
    throw scopeMissing({ ...failed, again }, scopesInWords(oauth, missing), missing.join(' '));
  }
  if (oauth !== undefined && lacksRefreshToken(oauth, tokens, credential.hasRefreshToken)) {
    if (journey.consentForced) throw noRefreshToken(failed);
    return { kind: 'ask_consent' };
  }

  // What else an ID token says of a person is of no use.
  const grant = {
    ...{ ...tokens, ...endOf(provider, tokens), account, accountProven },
    ...{ proven: true, consented: true, idTokenClaims: undefined },
  };
  // An account that the connection itself brought is equal to the stored one, whoever's tokens these are.
  if (stored === undefined || !accountProven) {
    const { state, browserHash } = callback;
    const came = { credential, grant, state, browserHash };
    return { kind: 'confirm', ...(await awaitConfirmation(deps, journey, came)) };
  }
  const kept = await countPending(pool, integrationId);
  const outcome = await storeGrant(deps, provider, credential, {
    grant,
    resume: journey.resume ? { integrationId, name: credentialName } : undefined,
  });
  if (outcome.kind !== 'stored' && outcome.kind !== 'account_mismatch') {
    throw notYours(config.appName, failed.back);
  }
  // Two browsers at once: the first to come back decided on the account.
  if (outcome.kind === 'account_mismatch') {
    throw otherAccount(failed, outcome.stored, account);
  }
  const { version } = outcome;
  log.info(
    {
      event: 'credential.connected',
      provider: provider.name,
      integrationId,
      credentialId,
      version,
    },
    'A person connected an account',
  );
  const isSignedIn = session !== undefined;
  const connected = { credential, account, kept, isSignedIn };
  const page = await connectedView(deps, provider, journey, connected);
  return { kind: 'page', page };
}

/** When a grant ends that a person has consented to just now. */
function endOf({ oauth }: Provider, tokens: TokenSet) {
  const now = new Date();
  const end = grantEnd(oauth ?? {}, tokens, { at: now, consentedAt: now, before: null });
  return { refreshExpiresAt: end?.at, refreshEndIsFixed: end?.isFixed };
}

function storedAccount({ accountId, accountLabel }: IntegrationCredential) {
  return accountId === null ? undefined : { id: accountId, label: accountLabel };
}

/** The page for the person; its code and reason are for the operator's line. */
function explainFailure(
  failed: FailedConnection,
  { kind, code: reason }: ExchangeFailure | AccountFailure,
): PageFailure {
  switch (kind) {
    case 'denied':
      return denied(failed, reason);
    case 'invalid':
      return invalidCode(failed, reason);
    case 'unavailable':
      return providerSilent(failed, { reason });
    case 'app_fault':
    case 'app_refused':
      return appFault(kind, failed, reason);
    case 'unreadable':
      // The declaration points to where no account is.
      return appFault('account_unreadable', failed, reason);
  }
}
