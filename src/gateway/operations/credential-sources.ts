import { HoldfastError } from '../../lib/errors';
import type { Provider } from '../../providers/provider';
import type { CredentialBody } from '../api/schemas/integration-body';
import { toGrant } from '../api/schemas/tokens';
import type { CredentialSource } from '../api/operations/attach-credentials';

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
