import type { RefreshAnswer, RefreshRequest } from '../../workflows/contract/messages';
import { deathCodeOf, isUsable } from '../../workflows/rules';
import { waitAtMost } from '../lib/timing';
import {
  isHeldGoodEnough,
  leftMs,
  needsRenewal,
  type StoredToken,
  usableToken,
} from './decide-token';
import type { NoToken } from './token-source';

/** A credential's row, as far as a token is decided from it. */
export interface TokenRow extends StoredToken {
  version: number;
  code: string | null;
}

/** How a token's user comes by the row, and by the actor that renews it. */
export interface TokenWays<Row> {
  /** @throws Error where there is no such credential; it is what the user gets */
  read(): Promise<Row>;
  /** A rejection says that the actor can't be asked just now. */
  refresh(row: Row, request: RefreshRequest): Promise<RefreshAnswer>;
}

/** In what the users of a token differ. */
export interface TokenNeeds {
  /** A token that ends as soon as this is worth nothing. */
  tooShortMs: number;
  /** Who holds a token that lives waits for a better one no longer than this. */
  patienceMs: number;
}

export type TokenDecision<Row> = { kind: 'alive'; row: Row; sealed: Buffer } | NoToken;

/**
 * The token to use now: renewed first where it is about to end; the one that is held where that fails and it still lives.
 * Never one that has ended, unless it is what the provider gives in this moment.
 */
export async function currentToken<Row extends TokenRow>(
  ways: TokenWays<Row>,
  needs: TokenNeeds,
): Promise<TokenDecision<Row>> {
  return settle(ways, needs, await ways.read());
}

/** Another token than the one that the provider's API refused; the newest where that is an older one. */
export async function replacedToken<Row extends TokenRow>(
  ways: TokenWays<Row>,
  needs: TokenNeeds,
  rejectedVersion: number,
): Promise<TokenDecision<Row>> {
  const row = await ways.read();
  const held = inHand(row);
  if (held.kind !== 'alive') return held;
  if (row.version !== rejectedVersion) return settle(ways, needs, row);
  const answer = await ask(ways, row, { rejectedVersion });
  if (answer.kind !== 'alive') return answer;
  return lookAgain(ways, await ways.read());
}

async function settle<Row extends TokenRow>(
  ways: TokenWays<Row>,
  { tooShortMs, patienceMs }: TokenNeeds,
  row: Row,
): Promise<TokenDecision<Row>> {
  const held = inHand(row);
  if (held.kind !== 'alive' || !needsRenewal(row, tooShortMs)) return held;
  // Not as rejected: without a refresh token that would end a grant whose token still lives.
  const refreshing = ask(ways, row, {});
  const early = await waitAtMost(refreshing, Math.min(leftMs(row), patienceMs));
  // By the clock of this moment: it may have ended meanwhile.
  if (isHeldGoodEnough(early, leftMs(row))) return held;
  const answer = early ?? (await refreshing);
  if (answer.kind !== 'alive') return answer;
  return lookAgain(ways, await ways.read());
}

/** Whoever joined a refresh may hear of one that was over before this token ended: then it asks once more. */
async function lookAgain<Row extends TokenRow>(
  ways: TokenWays<Row>,
  row: Row,
): Promise<TokenDecision<Row>> {
  const held = inHand(row);
  if (held.kind !== 'alive' || leftMs(row) > 0) return held;
  const answer = await ask(ways, row, {});
  if (answer.kind !== 'alive') return answer;
  const newest = await ways.read();
  // What has just come is as good as can be had, whatever the clock here says of it.
  const isOver = leftMs(newest) <= 0 && newest.version === row.version;
  return isOver ? { kind: 'unavailable', code: 'unavailable' } : inHand(newest);
}

function inHand<Row extends TokenRow>(row: Row): TokenDecision<Row> {
  const sealed = usableToken(row);
  if (sealed !== null) return { kind: 'alive', row, sealed };
  const code = isUsable(row.state) ? 'not_connected' : deathCodeOf(row);
  return { kind: 'dead', version: row.version, code };
}

/** Never rejects: its user may have stopped waiting. */
function ask<Row>(
  ways: TokenWays<Row>,
  row: Row,
  request: RefreshRequest,
): Promise<RefreshAnswer | NoToken> {
  return ways.refresh(row, request).catch((cause: unknown) => ({
    ...{ kind: 'unavailable' as const, code: 'unavailable' },
    cause,
  }));
}
