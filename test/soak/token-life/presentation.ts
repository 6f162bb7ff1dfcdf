/** One refresh token shown to the provider, as the provider saw it. Times are Unix milliseconds. */
export interface Presentation {
  /** The SHA-256 of the refresh token, in part. */
  token: string;
  /** Whose it is; undefined for a token that this provider never gave out. */
  account: string | undefined;
  /** The worker process whose own address was asked. */
  pid: number;
  startedAt: number;
  /** When the provider had done its part; undefined while it has not. */
  decidedAt?: number;
  /** `rotated`, or the error code of the answer. */
  outcome?: string;
  /** The hash of the refresh token that it brought. */
  brought?: string;
  /** Whether the whole answer left for a connection that was still there. */
  answered: boolean;
}

/** What was done to a worker process. */
export interface Trouble {
  kind: 'kill' | 'stop';
  pid: number;
  from: number;
  /** For a kill, a moment after `from`: what was sent before may be read after it. */
  to: number;
}

export interface Evidence {
  shown: readonly Presentation[];
  troubles: readonly Trouble[];
  /** The hashes of all refresh tokens that were ever committed. */
  stored: ReadonlySet<string>;
}

export interface Verdict {
  /** What must not be: sentences. */
  violations: string[];
  /** Tokens that were shown again after a lost answer and answered `invalid_grant`. */
  rotationsLost: { token: string; account: string | undefined }[];
}

/**
 * Whether no refresh token was shown again unless the answer before was lost, by something that was done to the
 * process which asked; and every `invalid_grant` follows a rotation that nobody stored.
 */
export function judge(evidence: Evidence): Verdict {
  const violations: string[] = [];
  const rotationsLost: Verdict['rotationsLost'] = [];
  for (const [token, showings] of byToken(evidence.shown)) {
    const [first, ...again] = showings;
    const name = `${token} of ${first?.account ?? 'nobody'}`;
    for (const [index, one] of again.entries()) {
      const wrong = whyNotLost(evidence, showings.slice(0, index + 1), one.startedAt);
      if (wrong !== undefined)
        violations.push(`${name} was shown again, and ${wrong}: ${describe(showings)}`);
    }
    for (const [index, { outcome }] of showings.entries()) {
      if (outcome === 'rotated') continue;
      const rotated = showings.slice(0, index).some((earlier) => earlier.outcome === 'rotated');
      if (outcome !== 'invalid_grant') violations.push(`${name} was answered ${String(outcome)}`);
      else if (!rotated) violations.push(`${name} was refused and had not been rotated away`);
    }
    if (showings.some(({ outcome }) => outcome === 'invalid_grant')) {
      rotationsLost.push({ token, account: first?.account });
    }
  }
  return { violations, rotationsLost };
}

function whyNotLost(
  { troubles, stored }: Evidence,
  before: readonly Presentation[],
  until: number,
): string | undefined {
  if (before.some(({ brought }) => brought !== undefined && stored.has(brought))) {
    return 'what it had brought was stored';
  }
  const troubled = ({ pid, startedAt, answered }: Presentation) =>
    !answered ||
    troubles.some((one) => one.pid === pid && one.from <= until && one.to >= startedAt);
  return before.every(troubled) ? undefined : 'nothing had been done to the process that asked';
}

function describe(showings: readonly Presentation[]): string {
  return JSON.stringify(
    showings.map(({ pid, startedAt, decidedAt, outcome, answered }) => [
      ...[pid, startedAt, (decidedAt ?? Infinity) - startedAt, outcome, answered],
    ]),
  );
}

function byToken(shown: readonly Presentation[]): Map<string, Presentation[]> {
  const groups = new Map<string, Presentation[]>();
  for (const one of [...shown].sort((a, b) => a.startedAt - b.startedAt)) {
    groups.set(one.token, [...(groups.get(one.token) ?? []), one]);
  }
  return groups;
}
