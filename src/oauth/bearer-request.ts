import { fillAddress } from '../providers/url-templates';
import type { Provider } from '../providers/provider';
import { tokenHeader } from '../providers/token-header';
import { type HttpResult, sendOnce } from '../lib/http/send-once';
import type { Parameters } from './client-configuration';

export interface AskOptions {
  /** What fills the placeholders of the provider's addresses. */
  parameters?: Parameters | undefined;
  /** Gives up; there is no other time limit. */
  signal: AbortSignal;
}

/**
 * Asks one of the provider's addresses with an access token (RFC 6750 section 2.1).
 * @throws HoldfastError `invalid_request` where a parameter is missing or doesn't match
 */
export function askWithToken(
  provider: Provider,
  address: string,
  accessToken: string,
  { parameters, signal }: AskOptions,
): Promise<HttpResult> {
  return sendOnce({
    method: 'GET',
    url: fillAddress(address, provider.oauth?.parameters, parameters),
    headers: {
      ...Object.fromEntries([tokenHeader(provider.oauth?.tokenHeader, accessToken)]),
      accept: 'application/json',
      'user-agent': 'holdfast',
    },
    connect: provider.outgoing.connect,
    signal,
  });
}
