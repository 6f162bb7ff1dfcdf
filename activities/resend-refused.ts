import type { DrainCredential } from '../src/db/queries/next-delivery';
import type { ForwardRequest } from '../src/handlers/forward-request';
import { hopeless, type HandlerResult } from '../src/handlers/outcome';
import type { TokenSource } from '../src/handlers/token-source';
import { messageOf } from '../src/errors';

/**
 * Forwards; where the destination says that the provider refused the token (424), renews that version once
 * and sends again at once. A fresh token that is refused too is `access_refused`.
 */
export async function resendRefused(
  request: ForwardRequest,
  post: (request: ForwardRequest) => Promise<HandlerResult>,
  credential: DrainCredential | undefined,
  tokens: TokenSource,
): Promise<HandlerResult> {
  const first = await post(request);
  if (first.kind !== 'token_refused') return first;
  if (credential === undefined) {
    return hopeless('The destination answered 424, and the integration has no credential.');
  }
  const { name, version } = credential;
  const renewed = await tokens
    .refused(name, version)
    .catch((error: unknown) => ({ kind: 'failed' as const, error: messageOf(error) }));
  switch (renewed.kind) {
    case 'failed':
      return { kind: 'refresh_unavailable', error: renewed.error, credential: name, retryAt: null };
    case 'unavailable':
      return {
        kind: 'refresh_unavailable',
        error: `The credential "${name}" can not be refreshed now: ${renewed.code}`,
        credential: name,
        retryAt: renewed.retryAt,
      };
    case 'dead': {
      const error = `The credential "${name}" is dead: ${renewed.code}`;
      return {
        kind: 'credential_dead',
        error,
        credential: name,
        version: renewed.version,
        code: renewed.code,
      };
    }
    case 'alive': {
      const again = await post({ ...request, credentialVersion: renewed.version });
      if (again.kind !== 'token_refused') return again;
      const error = `The provider refuses the credential "${name}" even after a refresh`;
      return { kind: 'access_refused', error, credential: name, version: renewed.version };
    }
  }
}
