import type { NewGrant } from '../../../db/queries/credentials/store-tokens';
import { HoldfastError } from '../../../lib/errors';
import type { Provider } from '../../../providers/provider';
import type { CredentialBody } from '../schemas/integration-body';
import { toGrant } from '../schemas/tokens';
import { askAboutTokens } from './ask-about-tokens';

/** What a credential of a new integration comes from; of an `external` one the application keeps the tokens, `missing` waits for its user to connect. */
export type CredentialSource =
  | { name: string; kind: 'tokens'; grant: NewGrant }
  | { name: string; kind: 'shared'; id: string }
  | { name: string; kind: 'external'; accountId: string | null }
  | { name: string; kind: 'missing' };

/** Whether the keyed hashes are needed. */
export const bringsRefreshToken = (source: CredentialSource): boolean =>
  source.kind === 'tokens' && source.grant.refreshToken !== undefined;

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
    const message = `body.credentials.${name}: where it is external, it takes accountId and nothing else.`;
    throw new HoldfastError('invalid_request', message);
  }
  if (id !== undefined) {
    if (Object.keys(body).length > 1) {
      const message = `body.credentials.${name}: takes either tokens or the id of a credential to share.`;
      throw new HoldfastError('invalid_request', message);
    }
    if (looksLikeId.test(id)) return { name, kind: 'shared', id };
    throw new HoldfastError(
      'credential_not_found',
      `body.credentials.${name}.id: names no credential of this user at this provider.`,
    );
  }
  if (accessToken === undefined) {
    const message = `body.credentials.${name}: must have accessToken, the id of a credential to share, or external.`;
    throw new HoldfastError('invalid_request', message);
  }
  return {
    name,
    kind: 'tokens',
    grant: toGrant({ accessToken, ...rest }, `body.credentials.${name}`),
  };
}

/** What a caller waits for a provider's answer. */
const patienceMs = 5_000;

/**
 * Asks the provider whether tokens are of the account that they are said to be. Where it doesn't say, the account stays
 * unproven.
 *
 * @throws HoldfastError `account_mismatch`
 */
export function askAboutSources(
  provider: Provider,
  sources: readonly CredentialSource[],
  parameters: Record<string, string> | null,
): Promise<CredentialSource[]> {
  return Promise.all(
    sources.map(async (source) => {
      const accountId = source.kind === 'tokens' ? source.grant.account?.id : undefined;
      if (source.kind !== 'tokens' || accountId === undefined) return source;
      const { grant } = source;
      const about = { parameters, accountId, patienceMs };
      const { verdict, account } = await askAboutTokens(provider, grant, about);
      if (account === 'another') throw otherAccount(source.name);
      const proof = { proven: verdict === 'accepted', accountProven: account === 'proven' };
      return { ...source, grant: { ...grant, ...proof } };
    }),
  );
}

const otherAccount = (name: string) =>
  new HoldfastError(
    'account_mismatch',
    `The tokens of credentials.${name} are of another account than its accountId.`,
  );
