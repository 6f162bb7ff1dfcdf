import { type Envelope, openOrNull } from '../../src/crypto/envelope';
import type { Pool } from '../../src/db/pool';
import { scheduleProbe, storeProbed } from '../../src/db/queries/credentials/probe';
import {
  readCredential,
  readRefreshable,
  type RefreshableCredential,
} from '../../src/db/queries/credentials/row';
import { storeTokenRejection } from '../../src/db/queries/credentials/token-rejections';
import type { Logger } from '../../src/lib/log';
import { probeToken, type ProbeVerdict } from '../../src/oauth/probe';
import type { Provider } from '../../src/providers/provider';
import type { Registry } from '../../src/providers/registry';
import { proveAccount } from './prove-account';
import type { ProviderPlaces } from './provider-places';
import { probeDelayMs, secondProbeDelayMs, unknownProbeDelayMs } from './probe-schedule';
import { isInStreak } from './token-rejection-streak';
import type { CredentialRow } from '../../workflows/contract/status';

interface ProbeDeps {
  pool: Pool;
  envelope: Envelope;
  registry: Registry;
  providerPlaces: ProviderPlaces;
  log: Logger;
}

export interface ProbeResult {
  /** The row afterwards; null where it is gone. */
  facts: CredentialRow | null;
  /** The version whose token the provider refused, if it did: the rest is a refresh's business. */
  refusedVersion: number | null;
}

/** Asks the provider whether a token still lives: where nothing expires, nothing else would tell. */
export function createProbeCredential(deps: ProbeDeps) {
  const { pool, envelope, registry, providerPlaces, log } = deps;

  return async function probeCredential(input: { credentialId: string }): Promise<ProbeResult> {
    const { credentialId: id } = input;
    const refusedVersion = await probe(id);
    return { facts: await readCredential(pool, id), refusedVersion };
  };

  async function probe(id: string): Promise<number | null> {
    const row = await readRefreshable(pool, id);
    if (row === null) return null;
    const provider = registry.get(row.provider);
    const { version } = row;
    const probed = { id, version };
    const delayMs = probeDelayMs(provider ?? {}, Math.random());
    // The end of its time is a refresh's business, and would look like a revocation.
    const ended = row.expiresInMs !== null && row.expiresInMs <= 0;
    if (provider === undefined || row.accessToken === null || ended) {
      // Written in any case: a time that stays in the past would be acted on every second.
      await scheduleProbe(pool, probed, delayMs);
      return null;
    }
    const ask = () => askProvider(envelope, provider, id, row);
    const turn = await providerPlaces.run(row, 'in time', ask);
    if (turn.kind === 'turned_away') {
      await scheduleProbe(pool, probed, turn.comeBackMs);
      return null;
    }
    const verdict = turn.result;
    log.debug(
      { event: 'credential.probed', credentialId: id, provider: provider.name, version, verdict },
      'A credential was probed',
    );
    if (verdict === 'accepted') {
      await storeProbed(pool, probed, delayMs);
      const accessToken = openOrNull(envelope, row.accessToken, `credentials.access_token:${id}`);
      if (accessToken !== null) {
        await proveAccount({ pool, log }, provider, row, { credentialId: id, accessToken });
      }
    }
    // A provider may have a bad moment: where neither a refresh nor an event of its own answers for the grant, it is
    // asked once more.
    else if (verdict === 'refused' && !isConfirmed(row)) {
      const rejection = {
        isFirst: true,
        delayMs: secondProbeDelayMs,
        code: 'probe_refused',
      } as const;
      await storeTokenRejection(pool, { ...probed, ...rejection });
      return null;
    } else {
      const isUnknown = verdict === 'unknown';
      const soonMs = isUnknown ? Math.min(delayMs ?? Infinity, unknownProbeDelayMs) : delayMs;
      await scheduleProbe(pool, probed, soonMs);
    }
    return verdict === 'refused' ? version : null;
  }
}

/** Whether something beside one probe says, or will say, that the grant is gone. */
const isConfirmed = (row: RefreshableCredential): boolean =>
  row.refreshToken !== null || row.deathForetold || isInStreak(row);

const timeoutMs = 10_000;

/** Asks the provider whether a credential's stored access token lives; one that can't be opened is `unknown`. */
export async function askProvider(
  envelope: Envelope,
  provider: Provider,
  id: string,
  { accessToken: sealed, parameters }: Pick<RefreshableCredential, 'accessToken' | 'parameters'>,
): Promise<ProbeVerdict> {
  if (sealed === null) return 'unasked';
  const accessToken = openOrNull(envelope, sealed, `credentials.access_token:${id}`);
  if (accessToken === null) return 'unknown';
  return probeToken(provider, accessToken, {
    signal: AbortSignal.timeout(timeoutMs),
    ...(parameters === null ? {} : { parameters }),
  });
}
