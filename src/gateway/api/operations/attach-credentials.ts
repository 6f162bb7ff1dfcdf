import type { PoolClient } from 'pg';
import type { CredentialState } from '../../../../workflows/contract/status';
import { isUsable } from '../../../../workflows/rules';
import type { Envelope } from '../../../crypto/envelope';
import { insertExternalCredential } from '../../../db/queries/credentials/external';
import { noteAccountProof } from '../../../db/queries/credentials/account-proof';
import { isTaken } from '../../../db/queries/credentials/given-tokens';
import {
  insertCredential,
  lockHolder,
  lockShareable,
} from '../../../db/queries/credentials/insert';
import {
  findSameGrant,
  hashOlderTokens,
  lockGrants,
} from '../../../db/queries/credentials/same-grant';
import { type NewGrant, storeTokens } from '../../../db/queries/credentials/store-tokens';
import type { TokenHash } from '../../../db/queries/encryption/hash-key';
import { HoldfastError } from '../../../lib/errors';
import { newId } from '../../../lib/ids';
import { sameParameters } from '../../../providers/url-templates';
import { bringsRefreshToken, type CredentialSource } from './credential-sources';

export interface Attached {
  name: string;
  id: string;
  /** Set where tokens were stored: the credential's actor has to be told. */
  storedVersion: number | null;
  /** The integrations that used it already, and have those tokens too. */
  usedBy?: readonly string[];
  state: CredentialState;
  code: string | null;
  accountId: string | null;
  /** What fills the addresses for it. */
  parameters: Record<string, string> | null;
}

interface Owner {
  userId: string;
  provider: string;
  /** What fills the provider's addresses; null where the integration names none: a shared credential has its own. */
  parameters: Record<string, string> | null;
}

/** Null: the hashes' key can't be read. */
type Hashing = { envelope: Envelope; tokenHash: TokenHash | null };

/**
 * Makes or finds the credentials, within the transaction that makes their integration. Tokens of a grant that one of the
 * user's credentials holds already share that credential: two would refresh it twice, and lose it to each other. One
 * that is dead takes them, as it would from a PUT.
 *
 * @throws HoldfastError `credential_not_found` where a shared one isn't the user's at that provider, `account_mismatch`,
 * `parameters_mismatch`, `refresh_unavailable`
 */
export async function attachCredentials(
  client: PoolClient,
  { envelope, tokenHash }: Hashing,
  owner: Owner,
  sources: readonly CredentialSource[],
): Promise<Attached[]> {
  // Before any row is locked, as everybody does: two orders would deadlock.
  if (tokenHash !== null && sources.some(bringsRefreshToken)) {
    await lockGrants(client, owner);
    await hashOlderTokens(client, owner, { envelope, tokenHash });
  }
  const ids = sources.flatMap((source) => (source.kind === 'shared' ? [source.id] : []));
  const shared = ids.length === 0 ? [] : await lockShareable(client, { ...owner, ids });

  const parameters = owner.parameters === null ? null : JSON.stringify(owner.parameters);
  const given = { parameters: owner.parameters };

  async function attach(source: CredentialSource): Promise<Omit<Attached, 'name'>> {
    const id = newId('crd');
    switch (source.kind) {
      case 'shared': {
        const found = shared.find((one) => one.id === source.id);
        if (found === undefined) throw noSuchCredential(source.name);
        checkSame(owner, found);
        return { ...found, storedVersion: null };
      }
      case 'external': {
        const { accountId } = source;
        await insertExternalCredential(client, { id, ...owner, parameters, accountId });
        return { id, storedVersion: null, state: 'alive', code: null, accountId, ...given };
      }
      case 'tokens':
        return attachGrant(id, source.grant);
      case 'missing':
        await insertCredential(client, { id, ...owner, parameters });
        return {
          ...given,
          id,
          storedVersion: null,
          state: 'missing',
          code: 'not_connected',
          accountId: null,
        };
    }
  }

  async function attachGrant(id: string, grant: NewGrant): Promise<Omit<Attached, 'name'>> {
    const { refreshToken } = grant;
    const hash = refreshToken === undefined ? null : (tokenHash?.(refreshToken) ?? null);
    const accountId = grant.account?.id ?? null;
    const held = hash === null ? undefined : await findSameGrant(client, owner, { hash });
    const same = held === undefined ? undefined : await lockHolder(client, { id: held, hash });
    if (same !== undefined) {
      const { isCurrent, ...shared } = same;
      checkSame(owner, shared);
      shared.accountId ??= accountId;
      if (accountId !== null && accountId !== shared.accountId) throw accountMismatch(same.id);
      if (grant.accountProven === true && accountId !== null) {
        await noteAccountProof(client, { id: same.id, accountId, isProven: true });
      }
      if (isUsable(same.state) || !isCurrent) return { ...shared, storedVersion: null };
    }
    if (hash !== null && (await isTaken(client, owner, { hash }))) throw beingUsed();
    if (same === undefined) await insertCredential(client, { id, ...owner, parameters });
    const to = { id: same?.id ?? id, accountId: same?.accountId ?? accountId };
    const stored = await storeTokens(client, envelope, {
      ...{ credentialId: to.id, grant, refreshTokenHash: hash },
    });
    if (stored.kind !== 'stored') throw new Error('a row that is locked took no tokens');
    const { version: storedVersion, integrationIds: usedBy } = stored;
    return { ...to, storedVersion, usedBy, state: 'alive', code: null, ...given };
  }

  const attached: Attached[] = [];
  for (const source of sources) attached.push({ name: source.name, ...(await attach(source)) });
  return attached;
}

/** Its tokens must not go where another integration's parameters lead. */
function checkSame(owner: Owner, shared: Pick<Attached, 'id' | 'parameters'>): void {
  const { parameters } = owner;
  if (parameters === null || sameParameters(parameters, shared.parameters)) return;
  throw new HoldfastError(
    'parameters_mismatch',
    `The credential ${shared.id} was connected with other parameters than these.`,
  );
}

const noSuchCredential = (name: string) =>
  new HoldfastError(
    'credential_not_found',
    `credentials.${name}.id names no credential of this user at this provider.`,
  );

const accountMismatch = (id: string) =>
  new HoldfastError(
    'account_mismatch',
    `The credential ${id} has this refresh token already, for another account.`,
  );

const beingUsed = () =>
  new HoldfastError(
    'refresh_unavailable',
    'These tokens are just being refreshed. Send them again later.',
    { retryAfterSeconds: 5 },
  );
