import { randomUUID } from 'node:crypto';
import { openOrNull } from '../../src/crypto/envelope';
import { clientMethodsIn } from '../../src/db/queries/credentials/client-authentications';
import { storeRefreshFailure } from '../../src/db/queries/credentials/refresh';
import { readRejectionFacts } from '../../src/db/queries/credentials/rejection-facts';
import {
  type RefreshableCredential,
  claimPresenting,
  releaseClaim,
} from '../../src/db/queries/credentials/row';
import { endTrial, postponeTrial } from '../../src/db/queries/credentials/trial';
import type { AppFaults } from '../../src/app-faults/app-faults';
import type { RefreshOutcome } from '../../src/oauth/refresh';
import { contestedFaults } from '../../src/oauth/refresh-error-table';
import type { Asked } from '../../src/oauth/token-endpoint';
import type { Registry } from '../../src/providers/registry';
import { refreshBackoffMs } from './backoff';
import { decideRejection, isRejection } from './decide-rejection';
import type { Logger } from '../../src/lib/log';
import type { WorkerMetrics } from '../../src/metrics/worker';
import { invalidateCredential } from './invalidate';
import { proveAccount } from './prove-account';
import { type OnTrial, type StoreDeps, storeRefreshedTokens } from './store-refreshed-tokens';
import { tracedRefresh } from './traced-refresh';

/** So long an attempt has a refresh token to itself, unless a test makes it less. */
export const usualPresentingMs = 20_000;
/** The latest moment, after the claim, at which the token may leave the process, as a share of the claim's time. */
const latestSendShare = 0.25;
/** The request ends before the claim, whatever becomes of this process. */
const requestShare = 0.9;

export type PresentDeps = StoreDeps & {
  registry: Registry;
  appFaults: Pick<AppFaults, 'report' | 'clear'>;
  durations: {
    /** So long an attempt has a refresh token to itself. */
    presentingMs: number;
  };
  /** Undefined where nothing is measured. */
  metrics?: Pick<WorkerMetrics, 'refreshed'> | undefined;
  log: Logger;
};

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
    await fail({ code: why });
    return null;
  }

  const askedAt = performance.now();
  const told = await tracedRefresh(
    { credentialId: id, provider: row.provider },
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
  const rejected = told.kind !== 'refreshed' && isRejection(told, told.asked?.status);
  const askedMs = performance.now() - askedAt;
  const outcome = rejected ? await judge(told, told.asked) : told;
  deps.metrics?.refreshed(row.provider, measuredAs[outcome.kind], askedMs);
  switch (outcome.kind) {
    case 'refreshed':
      await storeRefreshedTokens(
        deps,
        { id, row, attempt, forced, trial, provider, client: told.asked?.client },
        outcome.tokens,
      );
      // Whoever waits for the token doesn't wait for this.
      void proveAccount(deps, provider, row, {
        ...{ credentialId: id, accessToken: outcome.tokens.accessToken, named: outcome.account },
      });
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
      await fail({ code: outcome.code, rejected });
      await appFaults.report(row.provider, outcome.code);
      break;
    case 'transient':
      await fail({ ...outcome, rejected });
      break;
  }
  const line = {
    ...{ credentialId: id, provider: row.provider, version, onTrial },
    durationMs: Math.round(sinceClaimMs()),
  };
  if (outcome.kind === 'refreshed') {
    deps.log.debug({ event: 'credential.refreshed', ...line }, 'A credential was refreshed');
  } else {
    const { kind, code } = outcome;
    deps.log.info(
      { event: 'credential.refresh_failed', ...line, outcome: kind, code },
      'A credential could not be refreshed',
    );
  }
  return null;

  /** One word of the provider's is not the last one where it may be about everybody. */
  async function judge(said: RefreshOutcome, asked: Asked | undefined): Promise<RefreshOutcome> {
    const { client, status } = asked ?? {};
    if (client === undefined || status === undefined) return said;
    const facts = await readRejectionFacts(pool, { id, client, presentingMs });
    if (facts === null) return said;
    return decideRejection(said, { status, rules: provider?.refreshErrors ?? [] }, facts);
  }

  function fail(failure: Failure) {
    const { code, retryAfterMs, unanswered = false, rejected = false } = failure;
    if (trial !== null) {
      const { pauseMs } = trial;
      return postponeTrial(pool, { id, version, attempt, pauseMs, retryAfterMs, unanswered });
    }
    const retryDelayMs = refreshBackoffMs(row.failures, retryAfterMs, Math.random());
    const contested = contestedFaults.includes(code);
    const what = { id, version, attempt, code, retryDelayMs, unanswered, rejected, contested };
    return storeRefreshFailure(pool, what);
  }
}

const measuredAs = {
  refreshed: 'refreshed',
  dead: 'dead',
  app_fault: 'application_fault',
  transient: 'failed',
} as const;

interface Failure {
  code: string;
  retryAfterMs?: number | undefined;
  unanswered?: boolean;
  rejected?: boolean;
}
