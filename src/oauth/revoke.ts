import * as client from 'openid-client';
import { clientConfiguration } from './client-configuration';
import { sendOnce } from './http';
import type { Parameters } from './server-metadata';
import type { Provider } from '../providers/provider';

export type RevokeResult =
  | { kind: 'revoked' }
  /** The provider has no revocation endpoint. */
  | { kind: 'unsupported' }
  /** `http_503`, or why there was no answer. */
  | { kind: 'failed'; code: string };

/**
 * Gives a token back (RFC 7009); a refresh token takes its whole grant along. A token that the
 * provider doesn't know counts as revoked, as section 2.2 has it. Nothing is thrown.
 * @param options.signal gives up; there is no other time limit
 */
export async function revokeToken(
  provider: Provider,
  token: { value: string; hint: 'refresh_token' | 'access_token'; parameters?: Parameters },
  options: { signal: AbortSignal },
): Promise<RevokeResult> {
  let failure = 'invalid_configuration';
  try {
    const configuration = await clientConfiguration(provider, token.parameters ?? {});
    if (configuration.serverMetadata().revocation_endpoint === undefined) {
      return { kind: 'unsupported' };
    }
    configuration[client.customFetch] = async (url, init) => {
      const body = init.body instanceof URLSearchParams ? init.body.toString() : '';
      const { headers } = init;
      const result = await sendOnce({ method: 'POST', url, headers, body, ...options });
      failure = result.kind === 'failed' ? result.code : `http_${String(result.status)}`;
      const isDone = result.kind === 'answered' && result.status >= 200 && result.status < 300;
      return new Response(null, { status: isDone ? 200 : 400 });
    };
    await client.tokenRevocation(configuration, token.value, { token_type_hint: token.hint });
    return { kind: 'revoked' };
  } catch {
    return { kind: 'failed', code: failure };
  }
}
