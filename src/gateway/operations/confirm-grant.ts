import { readIntegrationCredential } from '../../db/queries/credentials/of-integration';
import type { NewGrant } from '../../db/queries/credentials/store-tokens';
import { countPending } from '../../db/queries/deliveries/pending-count';
import type { Confirmation, NotStored } from '../../db/queries/people/confirmations';
import { namedAccount, openGrant } from '../../db/queries/people/waiting-grant';
import { lacksRefreshToken } from '../../oauth/offline-access';
import { endConfirmation } from '../../retention/unconfirmed';
import type { ActorSignals, Encryption, Measuring, Providers, Rows } from '../deps';
import type { WriteAudit } from './audit';
import { wakeActors } from './signal-actors';
import { storeGrant } from './store-grant';

type Deps = Rows & Providers & Encryption & ActorSignals & Measuring;

type Ended = { outcome: 'cancelled' } | RefusedGrant;
type RefusedGrant = { outcome: NotStored; came?: NewGrant['account'] };

/**
 * Stores tokens that waited, now that it is said whose they are. What can't be stored is revoked, and its row says why:
 * it has ended then, by this or by whoever was first.
 *
 * @param waiting open when it was read
 * @param record of who confirmed it, where that is recorded
 * @throws EnvelopeError where no key of this process opens them
 */
export async function confirmGrant(
  deps: Deps,
  waiting: Confirmation & { sealedGrant: Buffer },
  record?: WriteAudit,
): Promise<void> {
  const refused = await store(deps, waiting, record);
  if (refused !== undefined) await endGrant(deps, waiting, refused);
}

/** Its person says no. */
export const cancelGrant = (deps: Deps, waiting: Confirmation): Promise<void> =>
  endGrant(deps, waiting, { outcome: 'cancelled' });

async function endGrant(
  deps: Deps,
  { codeHash, provider, integrationId }: Confirmation,
  end: Ended,
): Promise<void> {
  const { log, actors } = deps;
  const ids = await endConfirmation(deps, codeHash, end);
  if (ids === undefined) return;
  const { outcome } = end;
  deps.metrics?.connect(provider, outcome);
  if (outcome === 'cancelled') {
    log.info(
      { event: 'confirmation.cancelled', provider, integrationId },
      'A connection was not confirmed',
    );
  } else {
    log.info(
      { event: 'confirmation.not_stored', provider, integrationId, code: outcome },
      'A connection was confirmed, and can not be stored any more',
    );
  }
  await wakeActors(
    log,
    ids.map((id) => () => actors.credentialDeleted(id)),
  );
}

/** @returns why not; undefined where it is stored, or has ended otherwise in this moment */
async function store(
  deps: Deps,
  waiting: Confirmation & { sealedGrant: Buffer },
  record: WriteAudit | undefined,
): Promise<RefusedGrant | undefined> {
  const { pool, envelope, registry, log } = deps;
  const { codeHash, integrationId, credentialName, credentialId } = waiting;
  const { grant } = openGrant(envelope, codeHash, waiting.sealedGrant);
  const credential = await readIntegrationCredential(pool, integrationId, credentialName);
  if (credential?.credentialId !== credentialId) return { outcome: 'not_found' };
  const provider = registry.get(waiting.provider);
  const { oauth } = provider ?? {};
  if (oauth !== undefined && lacksRefreshToken(oauth, grant, credential.hasRefreshToken)) {
    return { outcome: 'no_refresh_token' };
  }
  const kept = await countPending(pool, integrationId);
  const outcome = await storeGrant(deps, provider, credential, {
    grant,
    resume: waiting.resume ? { integrationId, name: credentialName } : undefined,
    confirmation: { codeHash, kept, record },
  });
  switch (outcome.kind) {
    case 'stored': {
      const { version } = outcome;
      deps.metrics?.connect(waiting.provider, 'connected');
      log.info(
        {
          event: 'credential.connected',
          provider: waiting.provider,
          integrationId,
          credentialId,
          version,
        },
        'A person connected an account',
      );
      return undefined;
    }
    case 'account_mismatch':
      // For the page that names it: the application hears no more than that it is another one.
      return {
        outcome: 'account_mismatch',
        came: waiting.confirm === 'page' ? namedAccount(grant) : undefined,
      };
    case 'not_found':
      return { outcome: 'not_found' };
    case 'outdone':
    case 'busy':
      return undefined;
  }
}
