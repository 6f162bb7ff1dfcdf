import { type Envelope, openOrNull } from '../../src/crypto/envelope';
import { clientMethodsIn } from '../../src/db/queries/credentials/client-authentications';
import {
  type ClaimedRevocation,
  claimRevocation,
  endRevocation,
  postponeRevocation,
} from '../../src/db/queries/credentials/revocations';
import type { Pool } from '../../src/db/pool';
import type { Logger } from '../../src/lib/log';
import { type RevokeResult, revokeToken } from '../../src/oauth/revoke';
import type { Registry } from '../../src/providers/registry';
import { refreshBackoffMs } from './backoff';
import type { ProviderPlaces } from './provider-places';

export interface RevokeDeps {
  pool: Pool;
  envelope: Envelope;
  registry: Registry;
  providerPlaces: ProviderPlaces;
  log: Logger;
}

const requestTimeoutMs = 10_000;
/** Longer than discovery and both requests of an attempt. */
const leaseMs = 60_000;
const giveUpMs = 3 * 24 * 60 * 60_000;

/**
 * One attempt to revoke a deleted credential's grant at its provider.
 *
 * @returns `retryAt`, RFC 3339: when to make another one; null where there is nothing left to revoke
 */
export function createRevokeGrant(deps: RevokeDeps) {
  const { pool, envelope, registry, providerPlaces, log } = deps;

  return async function revokeGrant(input: {
    credentialId: string;
  }): Promise<{ retryAt: string | null }> {
    return { retryAt: await attempt(input.credentialId) };
  };

  async function attempt(credentialId: string): Promise<string | null> {
    const claim = await claimRevocation(pool, credentialId, leaseMs);
    if (claim.kind === 'none') return null;
    if (claim.kind === 'waiting') return claim.until.toISOString();
    const { provider, attempts, ageMs } = claim.revocation;
    const turn = await providerPlaces.run(claim.revocation, 'in time', () =>
      revoke(credentialId, claim.revocation),
    );
    if (turn.kind === 'turned_away') return postpone(credentialId, turn.comeBackMs);
    const { result } = turn;
    const code = result.kind === 'failed' ? result.code : undefined;
    const line = { credentialId, provider, attempt: attempts, outcome: result.kind, code };
    if (result.kind !== 'failed') {
      await endRevocation(pool, credentialId);
      if (result.kind === 'revoked') {
        log.info(
          { event: 'credential.revoked', ...line },
          'The grant of a deleted credential was revoked',
        );
      } else {
        log.info({ event: 'credential.not_revocable', ...line }, 'The provider revokes no grants');
      }
      return null;
    }
    if (ageMs > giveUpMs) {
      await endRevocation(pool, credentialId);
      log.warn(
        { event: 'credential.revocation_ended', ...line },
        'The grant of a deleted credential could not be revoked for three days',
      );
      return null;
    }
    log.info(
      { event: 'credential.revocation_failed', ...line },
      'The grant of a deleted credential could not be revoked yet; it is tried again',
    );
    const delayMs = refreshBackoffMs(attempts - 1, result.retryAfterMs, Math.random());
    return postpone(credentialId, delayMs);
  }

  async function postpone(credentialId: string, delayMs: number): Promise<string | null> {
    return (await postponeRevocation(pool, credentialId, delayMs))?.toISOString() ?? null;
  }

  /** The refresh token, which takes the grant along; where the provider revokes only the other kind, that. */
  async function revoke(id: string, row: ClaimedRevocation): Promise<RevokeResult> {
    const provider = registry.get(row.provider);
    if (provider === undefined) return { kind: 'failed', code: 'provider_not_configured' };
    const { parameters, accountId, refreshToken } = row;
    const clientMethods = clientMethodsIn(pool, log);
    const about = {
      ...(parameters === null ? {} : { parameters }),
      accountId: accountId ?? undefined,
      refreshToken:
        (refreshToken && openOrNull(envelope, refreshToken, `credentials.refresh_token:${id}`)) ??
        undefined,
    };
    let result: RevokeResult = { kind: 'unsupported', what: 'token_type' };
    for (const hint of ['refresh_token', 'access_token'] as const) {
      const sealed = hint === 'refresh_token' ? row.refreshToken : row.accessToken;
      if (sealed === null) continue;
      const value = openOrNull(envelope, sealed, `credentials.${hint}:${id}`);
      // Its key may come back, and nothing else depends on it.
      if (value === null) return { kind: 'failed', code: 'unreadable_token' };
      result = await revokeToken(
        provider,
        { value, hint, ...about },
        { signal: AbortSignal.timeout(requestTimeoutMs), clientMethods },
      );
      if (result.kind !== 'unsupported' || result.what === 'endpoint') break;
    }
    return result;
  }
}
