import type { Envelope } from '../../src/crypto/envelope';
import { logDeaths } from '../../src/db/queries/credentials/death';
import { storeRefreshed } from '../../src/db/queries/credentials/refresh';
import { renewRevocation } from '../../src/db/queries/credentials/revocations';
import type { RefreshableCredential as Row } from '../../src/db/queries/credentials/row';
import { endTrial } from '../../src/db/queries/credentials/trial';
import { refreshTokenHash } from '../../src/db/queries/encryption/hash-key';
import { isRefusedForGood } from '../../src/db/error-classes';
import { persistently } from '../../src/lib/persistently';
import { grantEnd } from '../../src/oauth/grant-end';
import { refreshAt } from '../../src/oauth/refresh-schedule';
import { missingScopes } from '../../src/oauth/granted-scopes';
import type { TokenSet } from '../../src/oauth/token-set';
import type { Provider } from '../../src/providers/provider';
import { invalidateCredential, type InvalidateDeps } from './invalidate';
import { probeDelayMs } from './probe-schedule';

export type StoreDeps = InvalidateDeps & {
  envelope: Envelope;
  /** The worker stops: what is not stored soon after is lost. */
  stopping?: AbortSignal;
};

/** A dead credential's refresh token is shown since an operator asked for it. */
export interface OnTrial {
  /** The shortest time until the next try. */
  pauseMs: number;
  /** New tokens are stored, as the version after the one that was shown. */
  renewed: () => Promise<void>;
}

interface Refreshed {
  id: string;
  /** As it was when its refresh token was shown. */
  row: Row;
  /** Who showed it. */
  attempt: string;
  /** The old access token was refused before its time. */
  forced: boolean;
  trial: OnTrial | null;
  provider: Provider;
  /** Who was accepted where. */
  client: string | undefined;
}

/**
 * Writes what a refresh brought. The old refresh token may be worth nothing any more: the new one is not given up
 * lightly, and is stored even where the grant has lost a scope that it needs, which is death.
 */
export async function storeRefreshedTokens(
  deps: StoreDeps,
  { id, row, attempt, forced, trial, provider, client }: Refreshed,
  tokens: TokenSet,
): Promise<void> {
  const { pool, envelope, log, stopping: signal } = deps;
  const { version } = row;
  const { accessToken, refreshToken, expiresAt, scope, scopes } = tokens;
  const now = new Date();
  const end = grantEnd(provider.oauth ?? {}, tokens, { at: now, ...grantTimes(row, now) });
  // An answer without scopes takes none away; it doesn't bring a missing one back either.
  const granted = scopes ?? (trial === null ? undefined : (row.scopes ?? undefined));
  const isShort = missingScopes(provider.oauth ?? {}, granted).length > 0;
  const deathCode = isShort ? ('scope_missing' as const) : null;
  const sealed = {
    ...{ id, version },
    accessToken: envelope.seal(accessToken, `credentials.access_token:${id}`),
    refreshToken:
      refreshToken === undefined
        ? null
        : envelope.seal(refreshToken, `credentials.refresh_token:${id}`),
  };
  const refreshed = {
    ...sealed,
    attempt,
    expiresAt: expiresAt ?? null,
    refreshAt: refreshAt(now, expiresAt, Math.random(), end) ?? null,
    scope: scope ?? null,
    scopes: scopes ?? null,
    deathCode,
    refreshExpiresAt: end?.at ?? null,
    refreshEndIsFixed: end?.isFixed ?? false,
    client: client ?? null,
    forced,
    onTrial: trial !== null,
  };
  const isStored = await persistently(storeOrRevoke, { isHopeless: isRefusedForGood, signal });
  if (!isStored) return;
  if (deathCode === null) {
    await trial?.renewed();
    return;
  }
  const stored = { id, version: version + 1 };
  if (trial !== null) await endTrial(pool, { ...stored, attempt: null, refused: true });
  const death = { credentialId: id, version: stored.version, code: deathCode };
  if (trial === null) logDeaths(log, [{ ...death, provider: row.provider }]);
  await invalidateCredential(deps, death);

  async function storeOrRevoke(): Promise<boolean> {
    const stored = await storeRefreshed(pool, {
      ...refreshed,
      refreshTokenHash: await refreshTokenHash(pool, envelope, refreshToken),
      probeInMs: probeDelayMs(provider, Math.random()),
    });
    // Deleted meanwhile: what is worth giving back is what has just come.
    if (!stored) await renewRevocation(pool, sealed);
    return stored;
  }
}

/** What a row knows of its grant's end. */
export function grantTimes({ grantEndsInMs, grantEndIsFixed, consentedMs, ageMs }: Row, now: Date) {
  const ago = (ms: number) => new Date(now.getTime() - ms);
  const end = grantEndsInMs === null ? null : { at: ago(-grantEndsInMs), isFixed: grantEndIsFixed };
  return {
    consentedAt: consentedMs === null ? null : ago(consentedMs),
    before: { end, obtainedAt: ago(ageMs) },
  };
}
