import { readIntegrationCredential } from '../../db/queries/credentials/of-integration';
import type { NewGrant } from '../../db/queries/credentials/store-tokens';
import { countPending } from '../../db/queries/deliveries/pending-count';
import type { Confirmation } from '../../db/queries/people/confirmations';
import { openGrant } from '../../db/queries/people/waiting-grant';
import { lacksRefreshToken } from '../../oauth/offline-access';
import { cancelConfirmation } from '../../retention/unconfirmed';
import type { ActorSignals, Encryption, Providers, Rows } from '../deps';
import type { WriteAudit } from './audit';
import { wakeActors } from './signal-actors';
import { storeGrant } from './store-grant';

type Deps = Rows & Providers & Encryption & ActorSignals;

type ConfirmOutcome =
  | { kind: 'connected'; accountId: string | null }
  /** Another account was stored meanwhile. */
  | {
      kind: 'account_mismatch';
      stored: { id: string; label: string | null };
      came: NewGrant['account'];
    }
  /** A grant with lasting access was stored meanwhile, and this one has none. */
  | { kind: 'no_refresh_token' }
  /** What was to be connected is not there any more. */
  | { kind: 'not_found' }
  /** Somebody else confirmed or cancelled it in this moment, or its time is over. */
  | { kind: 'ended' };

/**
 * Stores tokens that waited, now that it is said whose they are. What can't be stored is revoked.
 *
 * @param waiting open when it was read
 * @param record of who confirmed it, where that is recorded
 * @throws EnvelopeError where no key of this process opens them
 */
export async function confirmGrant(
  deps: Deps,
  waiting: Confirmation & { sealedGrant: Buffer },
  record?: WriteAudit,
): Promise<ConfirmOutcome> {
  const outcome = await store(deps, waiting, record);
  if (outcome.kind !== 'connected' && outcome.kind !== 'ended') await cancelGrant(deps, waiting);
  return outcome;
}

/** Its person says no, or it can't be stored. */
export async function cancelGrant(
  deps: Deps,
  { codeHash, provider, integrationId }: Confirmation,
): Promise<void> {
  const ids = await cancelConfirmation(deps, codeHash);
  deps.log.info(
    { event: 'confirmation.cancelled', provider, integrationId },
    'A connection was not confirmed',
  );
  await wakeActors(
    deps.log,
    ids.map((id) => () => deps.actors.credentialDeleted(id)),
  );
}

async function store(
  deps: Deps,
  waiting: Confirmation & { sealedGrant: Buffer },
  record: WriteAudit | undefined,
): Promise<ConfirmOutcome> {
  const { pool, envelope, registry, log } = deps;
  const { codeHash, integrationId, credentialName, credentialId } = waiting;
  const { grant } = openGrant(envelope, codeHash, waiting.sealedGrant);
  const credential = await readIntegrationCredential(pool, integrationId, credentialName);
  if (credential?.credentialId !== credentialId) return { kind: 'not_found' };
  const provider = registry.get(waiting.provider);
  const { oauth } = provider ?? {};
  if (oauth !== undefined && lacksRefreshToken(oauth, grant, credential.hasRefreshToken)) {
    return { kind: 'no_refresh_token' };
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
      return { kind: 'connected', accountId: grant.account?.id ?? credential.accountId };
    }
    case 'account_mismatch':
      return { kind: 'account_mismatch', stored: outcome.stored, came: grant.account };
    case 'not_found':
      return { kind: 'not_found' };
    case 'outdone':
    case 'busy':
      return { kind: 'ended' };
  }
}
