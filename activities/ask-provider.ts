import type { Envelope } from '../src/crypto/envelope';
import type { RefreshableCredential } from '../src/db/queries/credentials/row';
import { probeToken, type ProbeVerdict } from '../src/oauth/probe';
import type { Provider } from '../src/providers/provider';
import { openToken } from './credential/open-token';

const timeoutMs = 10_000;

/** Asks the provider whether a credential's stored access token lives; one that can't be opened is `unknown`. */
export async function askProvider(
  envelope: Envelope,
  provider: Provider,
  id: string,
  { accessToken: sealed, parameters }: Pick<RefreshableCredential, 'accessToken' | 'parameters'>,
): Promise<ProbeVerdict> {
  if (sealed === null) return 'unasked';
  const accessToken = openToken(envelope, sealed, 'access_token', id);
  if (accessToken === null) return 'unknown';
  return probeToken(provider, accessToken, {
    signal: AbortSignal.timeout(timeoutMs),
    ...(parameters === null ? {} : { parameters }),
  });
}
