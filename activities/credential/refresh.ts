import { postponeRefresh } from '../../src/db/queries/credentials/refresh';
import {
  readCredential,
  readRefreshable,
  type RefreshableCredential,
} from '../../src/db/queries/credentials/row';
import { below } from '../../src/tracing/traceparent';
import type { RefreshAnswer } from '../../workflows/contract/messages';
import type { CredentialRow } from '../../workflows/contract/status';
import { deathCodeOf, isUsable } from '../../workflows/rules';
import { handle401 } from './handle-401';
import { invalidateCredential } from './invalidate';
import { type PresentDeps, presentRefreshToken } from './present-refresh-token';
import type { ProviderPlaces } from './provider-places';
import { isInStreak } from './token-rejection-streak';

export interface RefreshInput {
  credentialId: string;
  /** The version that the caller can't use any more; null where it holds none. */
  rejectedVersion: number | null;
  /** Asked by the clock, before the token has ended: nobody refused it. */
  ahead: boolean;
  /** Of the span in which somebody waits for it. */
  traceparent?: string | undefined;
}

export interface RefreshResult {
  /** The row afterwards; null where it is gone. */
  facts: CredentialRow | null;
  answer: RefreshAnswer;
}

/** Why nothing was done now: somebody else is at it, or the API refuses what it is shown. */
type Wait = { why: 'busy' | 'access_refused'; until: Date } | null;

export type RefreshDeps = PresentDeps & {
  /** One for all that a worker asks providers. */
  providerPlaces: ProviderPlaces;
};

/**
 * One attempt to renew a grant. It reads the row again, adopts what is newer, and marks what it is about to
 * show before it shows it; the workflow decides on another attempt.
 */
export function createRefreshCredential(deps: RefreshDeps) {
  const { pool, providerPlaces } = deps;

  return async function refreshCredential(input: RefreshInput): Promise<RefreshResult> {
    const { credentialId, rejectedVersion } = input;
    const wait = await below(input.traceparent, () => act(input));
    const row = await readCredential(pool, credentialId);
    if (row === null || wait === null) {
      return { facts: row, answer: answerFrom(row, rejectedVersion) };
    }
    const { why, until } = wait;
    const waiting = { ...row, code: row.code ?? why, retryAt: until.toISOString() };
    const answer = answerFrom(waiting, rejectedVersion);
    // A refused token is tried again by its users; the actor's own timer stays what it was.
    return { facts: why === 'busy' ? { ...row, retryAt: waiting.retryAt } : row, answer };
  };

  async function act(input: RefreshInput): Promise<Wait> {
    const { credentialId } = input;
    const row = await readRefreshable(pool, credentialId);
    if (row === null) return null;
    const { version } = row;
    const need = refreshNeed(row, input);
    switch (need) {
      case 'current':
        return null;
      case 'wait_for_expiry':
        await postponeRefresh(pool, credentialId, version);
        return null;
      case 'external_rejected':
        await invalidateCredential(deps, { credentialId, version, code: 'revoked' });
        return null;
      case 'no_refresh_token':
        await invalidateCredential(deps, { credentialId, version, code: 'no_refresh_token' });
        return null;
      case 'dead':
        // Told again: the signals of the one who marked it may have been lost.
        await invalidateCredential(deps, { credentialId, version, code: 'invalidated' });
        return null;
      case 'confirm':
        return inTurn(row, 'access_refused', () => handle401(deps, credentialId, row, true));
      case 'access_refused': {
        const until = await handle401(deps, credentialId, row, false);
        return until === null ? null : { why: 'access_refused', until };
      }
      case 'refresh':
      case 'forced_refresh': {
        const forced = need === 'forced_refresh';
        return inTurn(row, 'busy', () => presentRefreshToken(deps, credentialId, row, forced));
      }
    }
  }

  async function inTurn(
    row: RefreshableCredential,
    why: 'busy' | 'access_refused',
    ask: () => Promise<Date | null>,
  ): Promise<Wait> {
    const turn = await providerPlaces.run(row, 'waited for', ask);
    if (turn.kind === 'turned_away') return { why: 'busy', until: inMs(turn.comeBackMs) };
    return turn.result === null ? null : { why, until: turn.result };
  }
}

const inMs = (ms: number): Date => new Date(Date.now() + ms);

type RefreshNeed =
  | 'current'
  | 'dead'
  | 'refresh'
  /** The API refused a token whose time has not come. */
  | 'forced_refresh'
  /** The API refuses what a refresh brings too: another one would only burn a rotation. */
  | 'access_refused'
  /** The API refused a token that can't be refreshed: the provider has to confirm it. */
  | 'confirm'
  /** There is nothing to refresh with, and the token still lives. */
  | 'wait_for_expiry'
  | 'no_refresh_token'
  /** The application keeps the tokens, and what the provider rejects can't be renewed here. */
  | 'external_rejected';

/** A token from a forced refresh that is refused this soon was never good. */
const freshMs = 60_000;
/** Forced refreshes within `forcedWindowMs`; where no lifetime is told, a token rejection is how its end shows. */
const budget = { knownLifetime: 10, unknownLifetime: 60 };

/** What the row asks for, whatever the caller thought when it asked. */
function refreshNeed(row: RefreshableCredential, input: RefreshInput): RefreshNeed {
  const { state, version, expiresInMs, refreshDue, refreshToken } = row;
  const { rejectedVersion, ahead } = input;
  if (!isUsable(state)) return 'dead';
  // A version that never was can't have been refused either.
  if (rejectedVersion !== null && rejectedVersion !== version) return 'current';
  const refused = rejectedVersion !== null && !ahead;
  if (row.external) return refused ? 'external_rejected' : 'current';
  const ended = expiresInMs !== null && expiresInMs <= 0;
  if (refreshToken === null) {
    if (ended) return 'no_refresh_token';
    if (refused) return 'confirm';
    return ahead ? 'wait_for_expiry' : 'current';
  }
  if (!refused || ended || refreshDue) {
    return rejectedVersion !== null || refreshDue ? 'refresh' : 'current';
  }
  return isHopeless(row) ? 'access_refused' : 'forced_refresh';
}

function isHopeless(row: RefreshableCredential): boolean {
  const limit = row.expiresInMs === null ? budget.unknownLifetime : budget.knownLifetime;
  return isInStreak(row) || (row.forced && row.ageMs < freshMs) || row.forcedCount >= limit;
}

/** What a caller is told of the row as it is after the attempt. */
export function answerFrom(
  facts: CredentialRow | null,
  rejectedVersion: number | null,
): RefreshAnswer {
  if (facts === null) return { kind: 'dead', version: 0, code: 'not_connected' };
  const { state, version, code, expiresAt, retryAt } = facts;
  if (!isUsable(state)) return { kind: 'dead', version, code: deathCodeOf(facts) };
  const advanced = rejectedVersion !== null && rejectedVersion < version;
  if (retryAt === null || advanced) return { kind: 'alive', version, expiresAt };
  return { kind: 'unavailable', version, code: code ?? 'busy', retryAt };
}
