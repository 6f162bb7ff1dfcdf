import { HoldfastError } from '../lib/errors';
import { readPointer } from '../lib/json-pointer';
import type { Provider } from '../providers/provider';
import { type AskOptions, askWithToken } from './bearer-request';
import { isTokenRejected } from './is-token-rejected';
import { readAnswer } from './read-answer';

export type ProbeVerdict =
  | 'accepted'
  /** The provider says that the token is not good. */
  | 'refused'
  /** It answered neither, or not at all. */
  | 'unknown'
  /** It declares no address to ask. */
  | 'unasked';

/** Where a provider can be asked about an access token; undefined where it declares nothing. */
export function probeAddress({ probe, oauth }: Provider): string | undefined {
  const account = oauth?.account;
  return probe?.url ?? (account !== undefined && 'url' in account ? account.url : undefined);
}

/** Asks the provider whether an access token lives: its probe, else its account address. Never throws. */
export async function probeToken(
  provider: Provider,
  accessToken: string,
  options: AskOptions,
): Promise<ProbeVerdict> {
  const address = probeAddress(provider);
  if (address === undefined) return 'unasked';
  try {
    const result = await askWithToken(provider, address, accessToken, options);
    if (result.kind === 'failed') return 'unknown';
    const { status } = result;
    const answer = readAnswer(status, result.body);
    if (isTokenRejected(provider, answer)) return 'refused';
    if (status < 200 || status >= 300) return 'unknown';
    const { activePointer } = provider.probe ?? {};
    const isInactive =
      activePointer !== undefined && readPointer(answer.document, activePointer) === false;
    return isInactive ? 'refused' : 'accepted';
  } catch (error) {
    if (error instanceof HoldfastError) return 'unasked';
    throw error;
  }
}
