import type { NewGrant } from '../../../db/queries/credentials/store-tokens';
import { probeToken } from '../../../oauth/probe';
import type { Provider } from '../../../providers/provider';

export type GivenVerdict =
  | 'accepted'
  /** It can't be used, and nothing can renew it. */
  | 'rejected'
  /** The access token has ended or is refused: the refresh token has to show whether the grant lives. */
  | 'refresh'
  /** There is nothing to ask, or no answer came in time. */
  | 'unknown';

/**
 * Asks the provider about tokens that were given, with the access token alone: a refresh token that is shown is used up.
 *
 * @param patienceMs how long its answer is waited for
 */
export async function askAboutTokens(
  provider: Provider | undefined,
  { accessToken, refreshToken, expiresAt }: NewGrant,
  { parameters, patienceMs }: { parameters: Record<string, string> | null; patienceMs: number },
): Promise<GivenVerdict> {
  if (provider === undefined) return 'unknown';
  const isRefreshable = refreshToken !== undefined && provider.oauth !== undefined;
  const hasEnded = expiresAt !== undefined && expiresAt.getTime() <= Date.now();
  if (hasEnded && isRefreshable) return 'refresh';
  const verdict = await probeToken(provider, accessToken, {
    signal: AbortSignal.timeout(patienceMs),
    ...(parameters === null ? {} : { parameters }),
  });
  if (verdict === 'accepted') return 'accepted';
  if (verdict === 'refused') return isRefreshable ? 'refresh' : 'rejected';
  return 'unknown';
}
