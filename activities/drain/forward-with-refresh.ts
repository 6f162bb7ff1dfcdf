import type { DrainCredential } from '../../src/db/queries/deliveries/drain-step';
import type { ForwardRequest } from '../../src/handlers/forward/headers';
import {
  type ForwardResult,
  hopeless,
  type HandlerResult,
} from '../../src/handlers/attempt-result';
import { RefreshUnavailableError, type TokenError } from '../../src/credentials/token-errors';
import { tokenResult } from '../../src/handlers/token-result';
import { liveToken, type TokenSource } from '../../src/credentials/token-source';

type Post = (request: ForwardRequest) => Promise<ForwardResult>;

/**
 * Forwards; where the destination says that the provider refused the token (424), renews that version once
 * and sends again at once. A fresh token that is refused too is `access_refused`.
 */
export async function resendRefused(
  request: ForwardRequest,
  post: Post,
  credential: DrainCredential | undefined,
  tokens: TokenSource,
): Promise<HandlerResult> {
  const first = await post(request);
  if (credential === undefined) {
    if (first.kind !== 'token_refused') return first;
    return hopeless('The destination answered 424, and the integration has no credential.');
  }
  const { name, version, refused } = credential;
  if (first.kind !== 'token_refused') {
    if (refused && first.kind === 'handled') await tokens.accepted(name, version);
    return first;
  }
  const renewed = await renew(tokens, name, version);
  if ('ended' in renewed) return renewed.ended;
  const again = await post({ ...request, credentialVersion: renewed.version });
  if (again.kind !== 'token_refused') return again;
  const newest = await renew(tokens, name, renewed.version);
  if ('ended' in newest) return newest.ended;
  const why = { code: 'access_refused', version: newest.version };
  return tokenResult(new RefreshUnavailableError(name, why));
}

function renew(
  tokens: TokenSource,
  name: string,
  refused: number,
): Promise<{ version: number } | { ended: HandlerResult }> {
  return liveToken(name, () => tokens.refused(name, refused)).catch((error: unknown) => ({
    ended: tokenResult(error as TokenError),
  }));
}
