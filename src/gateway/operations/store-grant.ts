import type { IntegrationCredential } from '../../db/queries/credentials/of-integration';
import { isTaken } from '../../db/queries/credentials/given-tokens';
import {
  askSoonAboutReplaced,
  type Consent,
  lockReplaced,
} from '../../db/queries/credentials/replaced-grants';
import { endConfirmations, lockOpenConfirmation } from '../../db/queries/people/confirmation-ends';
import { lockGrants, noteRotatedAway, takeOver } from '../../db/queries/credentials/same-grant';
import {
  type StoreTokens,
  storeTokens,
  type StoreTokensOutcome,
} from '../../db/queries/credentials/store-tokens';
import { refreshTokenHash } from '../../db/queries/encryption/hash-key';
import { inTransaction } from '../../db/transaction';
import { messageOf } from '../../lib/errors';
import type { Provider } from '../../providers/provider';
import type { ActorSignals, Encryption, Rows } from '../deps';
import type { WriteAudit } from './audit';
import { announceTokens, wakeActors } from './signal-actors';

type Deps = Rows & Encryption & ActorSignals;

interface Brought extends Omit<StoreTokens, 'credentialId' | 'refreshTokenHash' | 'aboveVersion'> {
  /** Keyed hash of the refresh token that was given for these, and that the provider has replaced by theirs. */
  rotated?: Buffer | undefined;
  /** A refresh brought these: they are newer than whatever another one can bring. */
  obtained?: boolean;
  /** They waited under this code for a confirmation, which is used up with that; `kept` is for its page. */
  confirmation?: { codeHash: Buffer; kept: number; record?: WriteAudit | undefined };
}

type Owned = Pick<IntegrationCredential, 'credentialId' | 'userId' | 'provider'>;

/** `busy`: their refresh token is being shown, or has been replaced: they would lose what came of that. */
export type StoreGrantOutcome = StoreTokensOutcome | { kind: 'busy' };

/**
 * Stores a grant from outside, and tells the actors. Credentials of the same user that hold the same grant become this
 * one; so do those whose grant a consent has ended, where the provider keeps few grants for an account.
 *
 * @param provider undefined where the configuration doesn't have it
 */
export async function storeGrant(
  deps: Deps,
  provider: Provider | undefined,
  { credentialId, userId, provider: name }: Owned,
  { rotated, obtained = false, confirmation, ...tokens }: Brought,
): Promise<StoreGrantOutcome> {
  const { pool, envelope, actors, log } = deps;
  const { grant, resume } = tokens;
  const isConsent = grant.consented === true;
  const hash = await refreshTokenHash(pool, envelope, grant.refreshToken);
  const consent: Consent = {
    ...{ credentialId, userId, provider: name, accountId: grant.account?.id },
    hashes: [hash, rotated].flatMap((one) => one ?? []),
    grantsPerAccount: isConsent ? provider?.oauth?.grantsPerAccount : undefined,
  };

  const { outcome, replaced } = await inTransaction(pool, async (client) => {
    await lockGrants(client, consent);
    // Of two at once one stores them. Not before that lock: who holds it may give them another credential.
    if (
      confirmation !== undefined &&
      (await lockOpenConfirmation(client, confirmation.codeHash)) === undefined
    ) {
      return { outcome: { kind: 'outdone' } as const, replaced: [] };
    }
    const locked = await lockReplaced(client, consent);
    // What a person's consent brought is newer than whatever a refresh of the old grant can bring.
    const isNewest = isConsent || obtained;
    const by = tokens.claim?.attempt;
    if (!isNewest && hash !== null && (await isTaken(client, consent, { hash, by }))) {
      return { outcome: { kind: 'busy' } as const, replaced: [] };
    }
    const others = locked.filter(({ id }) => id !== credentialId);
    const outcome = await storeTokens(client, envelope, {
      ...{ ...tokens, credentialId, refreshTokenHash: hash },
      aboveVersion: Math.max(0, ...others.map(({ version }) => version)),
    });
    if (outcome.kind !== 'stored') return { outcome, replaced: [] };
    if (confirmation !== undefined) {
      const { codeHash, kept, record } = confirmation;
      await endConfirmations(client, [codeHash], { outcome: 'connected', kept });
      await record?.(client);
    }
    if (rotated !== undefined) await noteRotatedAway(client, credentialId, rotated);
    if (others.length === 0) return { outcome, replaced: [] };
    const from = others.map(({ id }) => id);
    const integrationIds = await takeOver(client, { from, to: credentialId });
    return { outcome: { ...outcome, integrationIds }, replaced: from };
  });

  if (outcome.kind !== 'stored') return outcome;
  if (replaced.length > 0) {
    log.info(
      { event: 'credential.replaced', credentialId, replaced },
      'New tokens replaced those of other credentials',
    );
  }
  const { version, integrationIds } = outcome;
  await Promise.all([
    announceTokens(deps, {
      ...{ credentialId, version, integrationIds, resume: resume?.integrationId },
    }),
    wakeActors(
      log,
      replaced.map((id) => () => actors.credentialDeleted(id)),
    ),
    askAboutOthers(deps, provider, consent),
  ]);
  return outcome;
}

/** The tokens are stored: what goes wrong here shows at the next use of those others. */
async function askAboutOthers(
  { pool, actors, log }: Deps,
  provider: Provider | undefined,
  consent: Consent,
): Promise<void> {
  if (consent.grantsPerAccount === undefined || consent.accountId === undefined) return;
  try {
    const asked = await askSoonAboutReplaced(pool, consent, provider?.probe !== undefined);
    await wakeActors(
      log,
      asked.map(
        ({ id, version }) =>
          () =>
            actors.lookAtCredential(id, version, 'hastened'),
      ),
    );
  } catch (error) {
    log.warn(
      { event: 'credential.replaced_not_asked', err: messageOf(error) },
      'Grants that a consent may have ended could not be asked about',
    );
  }
}
