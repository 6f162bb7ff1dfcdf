import type { PoolClient } from 'pg';
import type { CredentialState } from '../../../../workflows/contract/status';
import type { Envelope } from '../../../crypto/envelope';
import { insertCredential, lockShareable } from '../../../db/queries/credentials/insert';
import { type NewGrant, storeTokens } from '../../../db/queries/credentials/store-tokens';
import { HoldfastError } from '../../../lib/errors';
import { newId } from '../../../lib/ids';
import type { Provider } from '../../../providers/provider';
import type { CredentialBody } from '../schemas/integration-body';
import { toGrant } from '../schemas/tokens';

/** What a credential of a new integration comes from; `missing` waits for its user to connect. */
type CredentialSource =
  | { name: string; kind: 'tokens'; grant: NewGrant }
  | { name: string; kind: 'shared'; id: string }
  | { name: string; kind: 'missing' };

export interface Attached {
  name: string;
  id: string;
  /** Set where tokens were stored: the credential's actor has to be told. */
  storedVersion: number | null;
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

/**
 * Makes or finds the credentials, within the transaction that makes their integration.
 * @throws HoldfastError `credential_not_found` where a shared one isn't the user's at that provider
 */
export async function attachCredentials(
  client: PoolClient,
  envelope: Envelope,
  owner: Owner,
  sources: readonly CredentialSource[],
): Promise<Attached[]> {
  const ids = sources.flatMap((source) => (source.kind === 'shared' ? [source.id] : []));
  const shared = ids.length === 0 ? [] : await lockShareable(client, { ...owner, ids });
  const attached: Attached[] = [];
  for (const source of sources) {
    const { name } = source;
    if (source.kind === 'shared') {
      const found = shared.find(({ id }) => id === source.id);
      if (found === undefined) throw noSuchCredential(name);
      attached.push({ ...found, name, storedVersion: null });
      continue;
    }
    const id = newId('crd');
    await insertCredential(client, { id, ...owner });
    const none = {
      name,
      id,
      storedVersion: null,
      state: 'missing',
      code: 'not_connected',
    } as const;
    attached.push(
      source.kind === 'missing'
        ? { ...none, accountId: null }
        : { ...none, ...(await storeGrant(client, envelope, id, source.grant)) },
    );
  }
  return attached;
}

async function storeGrant(client: PoolClient, envelope: Envelope, id: string, grant: NewGrant) {
  const outcome = await storeTokens(client, envelope, { credentialId: id, grant });
  if (outcome.kind !== 'stored') throw new Error('a row that was just made took no tokens');
  const accountId = grant.account?.id ?? null;
  return { storedVersion: outcome.version, state: 'alive' as const, code: null, accountId };
}

const noSuchCredential = (name: string) =>
  new HoldfastError(
    'credential_not_found',
    `credentials.${name}.id names no credential of this user at this provider.`,
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
  const { id, accessToken, ...rest } = body;
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
    const message = `credentials.${name} must have accessToken, or the id of a credential to share.`;
    throw new HoldfastError('invalid_request', message);
  }
  return { name, kind: 'tokens', grant: toGrant({ accessToken, ...rest }) };
}
