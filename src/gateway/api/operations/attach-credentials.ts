import type { PoolClient } from 'pg';
import type { CredentialState } from '../../../../workflows/contract/status';
import { isUsable } from '../../../../workflows/rules';
import type { Envelope } from '../../../crypto/envelope';
import { insertExternalCredential } from '../../../db/queries/credentials/external';
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
import type { Provider } from '../../../providers/provider';
import type { CredentialBody } from '../schemas/integration-body';
import { toGrant } from '../schemas/tokens';

/** What a credential of a new integration comes from; of an `external` one the application keeps the tokens, `missing` waits for its user to connect. */
type CredentialSource =
  | { name: string; kind: 'tokens'; grant: NewGrant }
  | { name: string; kind: 'shared'; id: string }
  | { name: string; kind: 'external'; accountId: string | null }
  | { name: string; kind: 'missing' };

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
}

interface Owner {
  userId: string;
  provider: string;
  /** JSON text: what fills the provider's addresses. */
  parameters: string | null;
}

/** Null: the hashes' key can't be read. */
type Hashing = { envelope: Envelope; tokenHash: TokenHash | null };

/**
 * Makes or finds the credentials, within the transaction that makes their integration. Tokens of a grant that one of the
 * user's credentials holds already share that credential: two would refresh it twice, and lose it to each other. One
 * that is dead takes them, as it would from a PUT.
 *
 * @throws HoldfastError `credential_not_found` where a shared one isn't the user's at that provider, `account_mismatch`,
 * `refresh_unavailable`
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

  async function attach(source: CredentialSource): Promise<Omit<Attached, 'name'>> {
    const id = newId('crd');
    switch (source.kind) {
      case 'shared': {
        const found = shared.find((one) => one.id === source.id);
        if (found === undefined) throw noSuchCredential(source.name);
        return { ...found, storedVersion: null };
      }
      case 'external': {
        const { accountId } = source;
        await insertExternalCredential(client, { id, ...owner, accountId });
        return { id, storedVersion: null, state: 'alive', code: null, accountId };
      }
      case 'tokens':
        return attachGrant(id, source.grant);
      case 'missing':
        await insertCredential(client, { id, ...owner });
        return {
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
      shared.accountId ??= accountId;
      if (accountId !== null && accountId !== shared.accountId) throw accountMismatch(same.id);
      if (isUsable(same.state) || !isCurrent) return { ...shared, storedVersion: null };
    }
    if (hash !== null && (await isTaken(client, owner, { hash }))) throw beingUsed();
    if (same === undefined) await insertCredential(client, { id, ...owner });
    const to = { id: same?.id ?? id, accountId: same?.accountId ?? accountId };
    const stored = await storeTokens(client, envelope, {
      ...{ credentialId: to.id, grant, refreshTokenHash: hash },
    });
    if (stored.kind !== 'stored') throw new Error('a row that is locked took no tokens');
    const { version: storedVersion, integrationIds: usedBy } = stored;
    return { ...to, storedVersion, usedBy, state: 'alive', code: null };
  }

  const attached: Attached[] = [];
  for (const source of sources) attached.push({ name: source.name, ...(await attach(source)) });
  return attached;
}

/** Whether the keyed hashes are needed. */
export const bringsRefreshToken = (source: CredentialSource): boolean =>
  source.kind === 'tokens' && source.grant.refreshToken !== undefined;

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

const looksLikeId = /^crd_[A-Za-z0-9]{1,60}$/;

/**
 * What the body says about credentials. A provider with OAuth has at least one: `main`, missing until
 * its user connects.
 * @throws HoldfastError `invalid_request`, `credential_not_found`
 */
export function credentialSources(
  provider: Provider,
  credentials: Readonly<Record<string, CredentialBody>> = {},
): CredentialSource[] {
  const sources = Object.entries(credentials).map(([name, body]) => toSource(name, body));
  if (sources.length === 0 && provider.oauth !== undefined) {
    return [{ name: 'main', kind: 'missing' }];
  }
  return sources;
}

function toSource(name: string, body: CredentialBody): CredentialSource {
  const { id, accessToken, external, ...rest } = body;
  if (external === true) {
    const { accountId = null, ...others } = rest;
    if (id === undefined && accessToken === undefined && Object.keys(others).length === 0) {
      return { name, kind: 'external', accountId };
    }
    const message = `credentials.${name}: where it is external, it takes accountId and nothing else.`;
    throw new HoldfastError('invalid_request', message);
  }
  if (id !== undefined) {
    if (Object.keys(body).length > 1) {
      const message = `credentials.${name} takes either tokens or the id of a credential to share.`;
      throw new HoldfastError('invalid_request', message);
    }
    if (looksLikeId.test(id)) return { name, kind: 'shared', id };
    throw new HoldfastError(
      'credential_not_found',
      `credentials.${name}.id names no credential of this user at this provider.`,
    );
  }
  if (accessToken === undefined) {
    const message = `credentials.${name} must have accessToken, the id of a credential to share, or external.`;
    throw new HoldfastError('invalid_request', message);
  }
  return { name, kind: 'tokens', grant: toGrant({ accessToken, ...rest }) };
}
