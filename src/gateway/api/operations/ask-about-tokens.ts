import type { NewGrant } from '../../../db/queries/credentials/store-tokens';
import { type AccountProof, probeAccount, probeToken } from '../../../oauth/probe';
import type { Provider } from '../../../providers/provider';

export type GivenVerdict =
  | 'accepted'
  /** It can't be used, and nothing can renew it. */
  | 'rejected'
  /** The access token has ended or is refused: the refresh token has to show whether the grant lives. */
  | 'refresh'
  /** There is nothing to ask, or no answer came in time. */
  | 'unknown';

interface Asked {
  verdict: GivenVerdict;
  /** Whether they are the expected account's. */
  account: AccountProof;
}

interface About {
  parameters: Record<string, string> | null;
  /** Whose they are said to be, or have to be; null where nobody says. */
  accountId: string | null;
  /** How long the provider's answer is waited for. */
  patienceMs: number;
}

/**
 * Asks the provider about tokens that were given, with the access token alone: a refresh token that is shown is used up.
 */
export async function askAboutTokens(
  provider: Provider | undefined,
  { accessToken, refreshToken, expiresAt }: NewGrant,
  { parameters, accountId, patienceMs }: About,
): Promise<Asked> {
  if (provider === undefined) return { verdict: 'unknown', account: 'unproven' };
  const isRefreshable = refreshToken !== undefined && provider.oauth !== undefined;
  const hasEnded = expiresAt !== undefined && expiresAt.getTime() <= Date.now();
  if (hasEnded && isRefreshable) return { verdict: 'refresh', account: 'unproven' };
  const options = {
    signal: AbortSignal.timeout(patienceMs),
    ...(parameters === null ? {} : { parameters }),
  };
  const { verdict, account } =
    accountId === null
      ? { verdict: await probeToken(provider, accessToken, options), account: 'unproven' as const }
      : await probeAccount(provider, accessToken, { ...options, accountId });
  if (verdict === 'accepted') return { verdict, account };
  if (verdict === 'refused') return { verdict: isRefreshable ? 'refresh' : 'rejected', account };
  return { verdict: 'unknown', account };
}
