/** The rules that actors and processes share: pure, without the SDK, Node or a database. */
import type { RefreshAnswer, RefreshRequest } from './contract/messages';
import {
  type CredentialState,
  type DeathCode,
  type Health,
  type IntegrationStatus,
  toDeathCode,
  type TransitionCode,
} from './contract/status';

/** Whether a credential can be used; if not, a person has to connect (again). In SQL: `credential_is_usable`. */
export const isUsable = (state: CredentialState): boolean =>
  state === 'alive' || state === 'degraded';

/**
 * Which of an integration's credentials counts most: one that died, then one that was never connected. In SQL:
 * `credential_rank`.
 */
export const rankOf = (state: CredentialState): number =>
  ({ dead: 0, missing: 1, degraded: 2, alive: 2 })[state];

/** How an integration is, by its credentials' states. In SQL: the view `connector_health`. */
export function healthOf(states: readonly CredentialState[]): Health {
  const unusable = states.filter((state) => !isUsable(state));
  if (unusable.length > 0) return unusable.includes('dead') ? 'dead' : 'new';
  return states.includes('degraded') ? 'degraded' : 'healthy';
}

/**
 * Whether an integration waits for its first connection and for nothing else: nobody has lost anything, and it doesn't count
 * as broken. By the reason, since its health is `new` no longer once tokens are stored, a moment before its status changes;
 * and by the health, since another credential may have died, a moment before the reason says so.
 */
export const isNotConnectedYet = (
  status: IntegrationStatus,
  reason: TransitionCode | null | undefined,
  health: Health,
): boolean => status === 'ERROR' && reason === 'not_connected' && health !== 'dead';

/** What of a credential's row a reason follows from. */
interface Standing {
  state: CredentialState;
  code: string | null;
  /** When an operator had it tried once more, and its provider refused it again. */
  triedAt?: string | null;
}

/** Why a credential that is not usable isn't. In SQL: `credential_death_code`. */
export const deathCodeOf = ({ state, code }: Standing): DeathCode =>
  state === 'missing' ? 'not_connected' : toDeathCode(code);

/** What became of a credential, as the end of the sentence `The credential "main" …`. */
const causes: Record<DeathCode, string> = {
  not_connected: 'was never connected',
  invalid_grant: 'was revoked or has run out at the provider',
  invalid_scope: 'no longer has the permissions that it needs',
  interaction_required: 'needs its owner at the provider',
  consent_required: "needs its owner's consent at the provider",
  login_required: 'needs its owner to sign in at the provider',
  unauthorized_client: 'may no longer be refreshed, says the provider',
  no_refresh_token: 'has run out, and there is nothing to refresh it with',
  rotation_lost: 'was lost: the provider replaced it and its answer never arrived',
  access_refused: 'is refused by the provider even when it is fresh',
  revoked: 'was revoked at the provider',
  refresh_rejected: 'is refused by the provider whenever it is renewed',
  scope_missing: 'no longer has a permission that it needs',
  invalidated: 'was declared dead by an operator',
};

/** Why an integration is in ERROR. */
export interface ErrorReason {
  code: DeathCode;
  /** The one that counts most: the code is its. */
  credential: string;
  /** Every credential that the message names. */
  credentials: string[];
  /** A sentence for a person: which credentials are dead, of what, and what to do. */
  message: string;
}

/**
 * The reason that an integration's credentials are for an ERROR; the only place that words one.
 *
 * @param credentials by `rankOf`, then by name. Who reads them sorts them, so that histories replay with the order that
 * they have
 * @returns null where all are usable
 */
export function errorReason(
  credentials: readonly (Standing & { name: string })[],
): ErrorReason | null {
  const dead = credentials.filter(({ state }) => !isUsable(state));
  const [first] = dead;
  if (first === undefined) return null;
  const each = dead.map((one) => `"${one.name}" ${causes[deathCodeOf(one)]}`);
  const tried = dead.flatMap(({ name, triedAt = null }) =>
    triedAt === null ? [] : ` "${name}" was last tried again at ${triedAt}: it is still rejected.`,
  );
  const subject = dead.length === 1 ? 'The credential' : 'The credentials';
  return {
    code: deathCodeOf(first),
    credential: first.name,
    credentials: dead.map(({ name }) => name),
    message: `${subject} ${each.join(', and ')}. Reconnect to go on.${tried.join('')}`,
  };
}

/** Whether the answer to a refresh that somebody joined is of use to whoever can't use `rejectedVersion`. */
export const outdates = (
  answer: RefreshAnswer,
  { rejectedVersion = -1 }: RefreshRequest,
): boolean => answer.kind !== 'alive' || answer.version > rejectedVersion;

/** How a delay grows from failure to failure. */
export interface Growth {
  firstMs: number;
  longestMs: number;
  /** So much of a delay may be taken off at random, from 0 to 1, so that many don't return at once. */
  jitter?: number;
}

/**
 * Exponential backoff: the first delay, doubling with each failure up to the longest.
 *
 * @param failures how many went before in a row, from 0
 * @param random from 0 to 1, as `Math.random` gives it
 * @returns milliseconds
 */
export function backoffMs(
  { firstMs, longestMs, jitter = 0 }: Growth,
  failures: number,
  random = 0,
): number {
  const grown = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 30));
  return grown * (1 - jitter * random);
}

/**
 * A user's turn among all users, for Temporal: FNV-1a of 32 bits, because a key has 64 bytes at most and an id may be
 * longer. Two users who share one share their turns.
 */
export function fairnessKey(userId: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < userId.length; index++) {
    hash = Math.imul(hash ^ userId.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16);
}
