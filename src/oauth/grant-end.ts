import type { OAuthDeclaration } from '../providers/provider';
import type { TokenSet } from './token-set';

/** When a grant ends by itself. */
export interface GrantEnd {
  at: Date;
  /** No refresh moves it. */
  isFixed: boolean;
}

type Lifetimes = Pick<OAuthDeclaration, 'refreshExpiresInSeconds' | 'consentExpiresInSeconds'>;
type ToldEnd = Pick<TokenSet, 'refreshToken' | 'refreshExpiresAt' | 'refreshEndIsFixed'>;

interface Known {
  end: GrantEnd | null;
  /** When the tokens came that are replaced now. */
  obtainedAt: Date;
}

interface Answered {
  /** When these tokens came. */
  at: Date;
  /** Null where nobody knows. */
  consentedAt: Date | null;
  /** What was known before a refresh; null of a code exchange, which begins a new grant. */
  before: Known | null;
}

/**
 * When a grant ends after an answer of its token endpoint: by the answer's own word, else so long after the last
 * refresh as the declaration says, and in any case so long after the consent. The earliest counts.
 *
 * @returns null where nobody says
 */
export function grantEnd(
  lifetimes: Lifetimes,
  tokens: ToldEnd,
  answered: Answered,
): GrantEnd | null {
  const { at, consentedAt, before } = answered;
  const hasRefreshToken = before !== null || tokens.refreshToken !== undefined;
  const sliding = ownEnd(tokens, answered) ?? after(at, lifetimes.refreshExpiresInSeconds, false);
  const ends = [
    hasRefreshToken ? sliding : null,
    keptEnd(lifetimes, tokens, answered),
    after(consentedAt, lifetimes.consentExpiresInSeconds, true),
  ].filter((end) => end !== null);
  return ends.sort((one, other) => one.at.getTime() - other.at.getTime())[0] ?? null;
}

function after(from: Date | null, seconds: number | undefined, isFixed: boolean): GrantEnd | null {
  if (from === null || seconds === undefined) return null;
  return { at: new Date(from.getTime() + seconds * 1_000), isFixed };
}

function ownEnd(
  { refreshExpiresAt, refreshEndIsFixed }: ToldEnd,
  { at, before }: Answered,
): GrantEnd | null {
  if (refreshExpiresAt === undefined) return null;
  const hasStayed = before !== null && isSame(refreshExpiresAt, before, at);
  return { at: refreshExpiresAt, isFixed: refreshEndIsFixed === true || hasStayed };
}

/** Lifetimes are told in whole seconds, and answers take a while: less time than this tells nothing. */
const shortestMs = 60_000;

/** Whether a refresh left the end where it was: one that moves with each refresh moves by the time between them. */
function isSame(told: Date, { end, obtainedAt }: Known, at: Date): boolean {
  if (end === null) return false;
  const betweenMs = at.getTime() - obtainedAt.getTime();
  if (betweenMs < shortestMs) return end.isFixed;
  return told.getTime() - end.at.getTime() < betweenMs / 2;
}

/** An answer without a word leaves an end that is fixed, and that of a refresh token which it doesn't replace. */
function keptEnd(
  { refreshExpiresInSeconds }: Lifetimes,
  { refreshToken, refreshExpiresAt }: ToldEnd,
  { at, before }: Answered,
): GrantEnd | null {
  const end = before?.end ?? null;
  if (end === null || refreshExpiresAt !== undefined || end.at <= at) return null;
  const isSameToken = refreshToken === undefined && refreshExpiresInSeconds === undefined;
  return end.isFixed || isSameToken ? { at: end.at, isFixed: true } : null;
}
