import type { CredentialState, DeathCode } from '../../../../workflows/contract/status';
import type { Said } from './provider';

/** What is shown to be stored: `bare` has no refresh token, and `bad` is not taken by the provider's API either. */
export type GrantKind = 'full' | 'bare' | 'bad';

/** A credential as it must be, by what happened to it; times are only whether they have come. */
export interface ModelCredential {
  version: number;
  state: CredentialState;
  code: DeathCode | null;
  hasRefreshToken: boolean;
  /** The provider's API takes its access token. */
  isGood: boolean;
  ended: boolean;
  due: boolean;
  young: boolean;
  /** Its tokens came from a refresh that only a refusal asked for. */
  forced: boolean;
  unanswered: boolean;
  retry: 'none' | 'waits' | 'over';
  claim: { by: Attempt; lasts: boolean } | null;
  /** The API refuses what it is shown: lately, for over an hour, not worth another try yet, how often. */
  streak: { recent: boolean; long: boolean; waits: boolean; times: number } | null;
  /** An operator asked for it to be tried once more. */
  trial: 'none' | 'due' | 'waits';
  triedLately: boolean;
  /** Who is no longer switched off once it has been alive again. */
  resumes: Set<unknown>;
}

export type Caller = 'the clock' | 'a need' | 'a refusal' | 'an old refusal' | 'a trial';

/** One run of the activity, with the row as it read it. */
export interface Attempt {
  credential: ModelCredential;
  row: ModelCredential;
  wants: 'nothing' | 'to tell' | 'to wait' | 'to bury' | 'to ask the API' | 'to refresh' | 'to try';
  forced: boolean;
}

export const newCredential = (): ModelCredential => ({
  version: 0,
  state: 'missing',
  code: null,
  hasRefreshToken: false,
  isGood: false,
  ended: false,
  due: false,
  young: false,
  forced: false,
  unanswered: false,
  retry: 'none',
  claim: null,
  streak: null,
  trial: 'none',
  triedLately: false,
  resumes: new Set(),
});

export const isUsable = ({ state }: ModelCredential): boolean =>
  state === 'alive' || state === 'degraded';

/** Other tokens were given: nothing of the old ones counts any more, not even that they were tried. */
export function connect(credential: ModelCredential, grant: GrantKind): void {
  if (credential.state === 'dead') credential.resumes.clear();
  renew(credential, grant);
  credential.triedLately = false;
}

/** Other tokens were stored. */
function renew(credential: ModelCredential, grant: GrantKind): void {
  const { version, triedLately, resumes } = credential;
  Object.assign(credential, newCredential(), {
    ...{ version: version + 1, triedLately, resumes },
    state: 'alive',
    hasRefreshToken: grant === 'full',
    isGood: grant !== 'bad',
    young: true,
  });
}

/** A death, by a signal or a refresh: only of the version that it names. */
export function bury(credential: ModelCredential, version: number, code: DeathCode): void {
  if (credential.version !== version || !isUsable(credential)) return;
  Object.assign(credential, { state: 'dead', code, retry: 'none', trial: 'none' });
}

/**
 * An operator's word: to be tried once more.
 *
 * @param resumed who is no longer switched off, should it be alive again
 */
export function askForTrial(credential: ModelCredential, resumed: unknown): void {
  if (credential.state !== 'dead') return;
  credential.trial = credential.triedLately ? 'waits' : 'due';
  if (resumed !== null) credential.resumes.add(resumed);
}

function endTrial(credential: ModelCredential): void {
  credential.trial = 'none';
  credential.resumes.clear();
}

/** The provider has accepted it. */
function passTrial(credential: ModelCredential): void {
  const passed = {
    state: 'alive',
    code: null,
    retry: 'none',
    streak: null,
    forced: false,
  } as const;
  Object.assign(credential, { ...passed, trial: 'none' });
}

/** The API took the current token. */
export function takenByApi(credential: ModelCredential): void {
  if (credential.state !== 'degraded' || credential.streak === null) return;
  credential.streak = null;
  if (credential.retry === 'none') credential.state = 'alive';
}

/** What a run of the activity will be about, from the row that it reads. */
export function begin(credential: ModelCredential, caller: Caller): Attempt {
  const row = { ...credential, streak: credential.streak && { ...credential.streak } };
  const wants = ((): Attempt['wants'] => {
    const { hasRefreshToken, ended, due } = row;
    if (caller === 'a trial')
      return row.state === 'dead' && row.trial !== 'none' ? 'to try' : 'nothing';
    if (!isUsable(row)) return 'to tell';
    if (caller === 'an old refusal') return 'nothing';
    if (!hasRefreshToken) {
      if (ended) return 'to bury';
      if (caller === 'a refusal') return 'to ask the API';
      return caller === 'the clock' ? 'to wait' : 'nothing';
    }
    if (caller === 'the clock' || due) return 'to refresh';
    if (caller === 'a need') return 'nothing';
    const hopeless = row.streak?.recent === true || (row.forced && row.young);
    return hopeless ? 'to ask the API' : 'to refresh';
  })();
  const forced = wants === 'to refresh' && caller === 'a refusal' && !row.due;
  return { credential, row, wants, forced };
}

/** Goes on from the reading. @returns whether the refresh token is shown now */
export function goOn(attempt: Attempt): boolean {
  const { credential, row, wants } = attempt;
  const { version } = row;
  const isCurrent = credential.version === version;
  switch (wants) {
    case 'nothing':
      return false;
    case 'to tell':
      bury(credential, version, 'invalidated');
      return false;
    case 'to bury':
      bury(credential, version, 'no_refresh_token');
      return false;
    case 'to wait':
      if (isCurrent) credential.due = credential.ended;
      return false;
    case 'to ask the API':
      refused(attempt);
      return false;
    case 'to try':
      return beginTrial(attempt);
    case 'to refresh': {
      const waits = credential.claim?.lasts === true || credential.retry === 'waits';
      if (!isCurrent || !isUsable(credential) || waits) return false;
      // Whoever showed it before, and was not heard of, may have had it rotated.
      credential.unanswered ||= credential.claim !== null;
      row.unanswered = credential.unanswered;
      credential.claim = { by: attempt, lasts: true };
      return true;
    }
  }
}

function beginTrial(attempt: Attempt): boolean {
  const { credential, row } = attempt;
  const isDue = credential.state === 'dead' && credential.trial === 'due';
  if (credential.version !== row.version || !isDue || credential.claim?.lasts === true)
    return false;
  Object.assign(credential, { trial: 'waits', triedLately: true });
  if (row.hasRefreshToken) {
    credential.unanswered ||= credential.claim !== null;
    credential.claim = { by: attempt, lasts: true };
    return true;
  }
  if (row.isGood && !row.ended) passTrial(credential);
  else endTrial(credential);
  return false;
}

function refused({ credential, row }: Attempt): void {
  const { version, streak } = row;
  if (streak?.waits === true) return;
  if (!row.hasRefreshToken && !row.isGood) {
    bury(credential, version, 'revoked');
    return;
  }
  const goesOn = streak?.recent === true;
  if (goesOn && streak.long && streak.times >= 4) {
    bury(credential, version, 'access_refused');
    return;
  }
  if (credential.version !== version || !isUsable(credential)) return;
  const long = goesOn && credential.streak?.long === true;
  const times = (goesOn ? (credential.streak?.times ?? 0) : 0) + 1;
  const next = { recent: true, long, waits: true, times };
  Object.assign(credential, { state: 'degraded', streak: next });
}

/** The provider's word arrives. */
export function answered(attempt: Attempt, said: Said): void {
  const { credential, row, forced } = attempt;
  const { version } = row;
  const isMine = credential.claim?.by === attempt;
  if (attempt.wants === 'to try') {
    if (!isMine || credential.version !== version || credential.state !== 'dead') return;
    credential.claim = null;
    if (said === 'invalid_grant') endTrial(credential);
    else if (said === 'tokens') renew(credential, 'full');
    else {
      credential.trial = 'waits';
      credential.unanswered ||= said === 'nothing';
    }
  } else if (said === 'tokens') {
    // A successor's showing may have revoked what an overtaken one was given.
    if (credential.version !== version || !isMine) return;
    const { streak } = credential;
    renew(credential, 'full');
    credential.forced = forced;
    if (streak?.recent !== true) return;
    Object.assign(credential, { state: 'degraded', streak: { ...streak, waits: false } });
  } else if (said === 'invalid_grant') {
    if (isMine) credential.claim = null;
    bury(credential, version, row.unanswered ? 'rotation_lost' : 'invalid_grant');
  } else if (isMine && credential.version === version && isUsable(credential)) {
    Object.assign(credential, { state: 'degraded', retry: 'waits', claim: null });
    credential.unanswered ||= said === 'nothing';
  }
}
