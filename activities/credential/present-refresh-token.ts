import { randomUUID } from 'node:crypto';
import { isRefusedForGood } from '../../src/db/error-classes';
import { type Envelope, openOrNull } from '../../src/crypto/envelope';
import { clientMethodsIn } from '../../src/db/queries/credentials/client-authentications';
import { storeRefreshed, storeRefreshFailure } from '../../src/db/queries/credentials/refresh';
import {
  type RefreshableCredential,
  claimPresenting,
  releaseClaim,
} from '../../src/db/queries/credentials/row';
import { endTrial, postponeTrial } from '../../src/db/queries/credentials/trial';
import { refreshTokenHash } from '../../src/db/queries/encryption/hash-key';
import { renewRevocation } from '../../src/db/queries/credentials/revocations';
import type { AppFaults } from '../../src/app-faults/app-faults';
import { refreshAt } from '../../src/oauth/refresh-schedule';
import { refreshTokens } from '../../src/oauth/refresh';
import type { TokenSet } from '../../src/oauth/token-set';
import type { Registry } from '../../src/providers/registry';
import { refreshBackoffMs } from './backoff';
import type { Logger } from '../../src/lib/log';
import { invalidateCredential, type InvalidateDeps } from './invalidate';
import { persistently } from '../../src/lib/persistently';
import { probeDelayMs } from './probe-schedule';

/** So long an attempt has a refresh token to itself, unless a test makes it less. */
export const usualPresentingMs = 20_000;
/** The latest moment, after the claim, at which the token may leave the process, as a share of the claim's time. */
const latestSendShare = 0.25;
/** The request ends before the claim, whatever becomes of this process. */
const requestShare = 0.9;

export type PresentDeps = InvalidateDeps & {
  envelope: Envelope;
  registry: Registry;
  appFaults: Pick<AppFaults, 'report' | 'clear'>;
  durations: {
    /** So long an attempt has a refresh token to itself. */
    presentingMs: number;
  };
  /** The worker stops: what is not stored soon after is lost. */
  stopping?: AbortSignal;
  log: Logger;
};

/** A dead credential's refresh token is shown since an operator asked for it. */
export interface OnTrial {
  /** The shortest time until the next try. */
  pauseMs: number;
  /** New tokens are stored, as the version after the one that was shown. */
  renewed: () => Promise<void>;
}

/**
 * Shows a refresh token to its provider, once, and writes what came of it. A forced refresh, made because the API
 * refused the access token before its time, counts towards the hour's budget. On trial it stays dead, with new tokens
 * too: whether it is alive is for the caller to say.
 *
 * @returns null, or until when another attempt has the token to itself
 */
export async function presentRefreshToken(
  deps: PresentDeps,
  id: string,
  row: RefreshableCredential,
  forced: boolean,
  trial: OnTrial | null = null,
): Promise<Date | null> {
  const { pool, envelope, registry, appFaults } = deps;
  const { presentingMs } = deps.durations;
  const { version, parameters } = row;
  const provider = registry.get(row.provider);
  const attempt = randomUUID();
  const refreshToken =
    row.refreshToken === null
      ? null
      : openOrNull(envelope, row.refreshToken, `credentials.refresh_token:${id}`);
  // Before the claim is sent: counted so, its end can only come later than it is believed to.
  const claimedAt = performance.now();
  const sinceClaimMs = () => performance.now() - claimedAt;
  const onTrial = trial !== null;
  const claim = await claimPresenting(pool, {
    id,
    version,
    attempt,
    presentingMs,
    forced,
    onTrial,
  });
  if (claim === null) return null;
  if (!claim.claimed) return claim.until;
  if (provider === undefined || refreshToken === null) {
    const why = provider === undefined ? 'provider_not_configured' : 'unreadable_token';
    await fail(why, undefined, false);
    return null;
  }

  const outcome = await refreshTokens(
    provider,
    {
      refreshToken,
      ...(parameters === null ? {} : { parameters }),
      unansweredBefore: claim.unanswered,
    },
    {
      signal: AbortSignal.timeout(
        Math.max(1, Math.floor(presentingMs * requestShare) - Math.ceil(sinceClaimMs())),
      ),
      beforeSend: () => {
        // A process that was stopped here must not show the token once its successor has.
        const isLate = sinceClaimMs() > presentingMs * latestSendShare;
        if (isLate) throw new Error('the claim is too old');
      },
      clientMethods: clientMethodsIn(pool, deps.log),
    },
  );
  switch (outcome.kind) {
    case 'refreshed':
      if (await store(outcome.tokens)) await trial?.renewed();
      await appFaults.clear(row.provider);
      break;
    case 'dead':
      if (onTrial) {
        await endTrial(pool, { id, version, attempt, refused: true });
        break;
      }
      try {
        await invalidateCredential(deps, { credentialId: id, version, code: outcome.code });
      } finally {
        // It was answered: a later use of revived tokens is no unanswered one. Only once it is dead: whoever
        // comes after a crash here must know that the token was shown.
        await releaseClaim(pool, { id, attempt });
      }
      break;
    case 'app_fault':
      await fail(outcome.code, undefined, false);
      await appFaults.report(row.provider, outcome.code);
      break;
    case 'transient':
      await fail(outcome.code, outcome.retryAfterMs, outcome.unanswered);
      break;
  }
  deps.log.info(
    {
      credentialId: id,
      provider: row.provider,
      version,
      onTrial,
      outcome: outcome.kind,
      code: 'code' in outcome ? outcome.code : undefined,
      durationMs: Math.round(sinceClaimMs()),
    },
    'refreshed a credential',
  );
  return null;

  function fail(code: string, retryAfterMs: number | undefined, unanswered: boolean) {
    if (trial !== null) {
      const { pauseMs } = trial;
      return postponeTrial(pool, { id, version, attempt, pauseMs, retryAfterMs, unanswered });
    }
    const retryDelayMs = refreshBackoffMs(row.failures, retryAfterMs, Math.random());
    return storeRefreshFailure(pool, { id, version, attempt, code, retryDelayMs, unanswered });
  }

  /** The old refresh token may be worth nothing any more: the new one is not given up lightly. */
  function store(tokens: TokenSet): Promise<boolean> {
    const { accessToken, refreshToken, expiresAt, scope } = tokens;
    const at = refreshAt(new Date(), expiresAt, Math.random());
    const sealed = {
      ...{ id, version },
      accessToken: envelope.seal(accessToken, `credentials.access_token:${id}`),
      refreshToken:
        refreshToken === undefined
          ? null
          : envelope.seal(refreshToken, `credentials.refresh_token:${id}`),
    };
    return persistently(storeOrRevoke, {
      isHopeless: isRefusedForGood,
      signal: deps.stopping,
    });

    async function storeOrRevoke() {
      const stored = await storeRefreshed(pool, {
        ...sealed,
        attempt,
        refreshTokenHash: await refreshTokenHash(pool, envelope, refreshToken),
        expiresAt: expiresAt ?? null,
        refreshAt: at ?? null,
        scope: scope ?? null,
        forced,
        onTrial,
        probeInMs: probeDelayMs(provider ?? {}, Math.random()),
      });
      // Deleted meanwhile: what is worth giving back is what has just come.
      if (!stored) await renewRevocation(pool, sealed);
      return stored;
    }
  }
}
