/** The words for a status, and for what it follows from. */

export const statuses = ['ENABLED', 'DISABLED', 'ERROR'] as const;

export type IntegrationStatus = (typeof statuses)[number];

export const credentialStates = ['alive', 'degraded', 'dead', 'missing'] as const;

export type CredentialState = (typeof credentialStates)[number];

/** `new`: what can't be used of it was never connected. */
export type Health = 'healthy' | 'degraded' | 'dead' | 'new';

/** Why a credential can't be used any more; a person has to reconnect. */
export const deathCodes = [
  'not_connected',
  'invalid_grant',
  'invalid_scope',
  'interaction_required',
  'consent_required',
  'login_required',
  'unauthorized_client',
  'no_refresh_token',
  'rotation_lost',
  'access_refused',
  'revoked',
  'refresh_rejected',
  'scope_missing',
  'invalidated',
] as const;

export type DeathCode = (typeof deathCodes)[number];

/** A code from outside, such as a signal's; what nobody knows is an operator's word. */
export const toDeathCode = (value: unknown): DeathCode =>
  deathCodes.find((code) => code === value) ?? 'invalidated';

export type ReasonCode = DeathCode | 'switched_off';

/** Why a transition happened, in the audit. */
export type TransitionCode = ReasonCode | 'switched_on' | 'reauthorized' | 'created';

/** Why an integration has the status that it has. Times are RFC 3339 in UTC. */
export interface Reason {
  code: ReasonCode;
  /** The credential's name within the integration (`main`), where one is the cause. */
  credential: string | null;
  /** The names of the credentials that the message names. Null where whoever wrote it didn't say. */
  credentials?: string[] | null;
  message: string;
  by: string;
  since: string;
}

/** One of an integration's credentials, as the row in Postgres has it. */
export interface CredentialFact {
  name: string;
  id: string;
  version: number;
  state: CredentialState;
  code: DeathCode | null;
  /** When the provider last refused it as an operator had it tried once more, RFC 3339. An older process reads none. */
  triedAt?: string | null;
}

/** Attempts fail because of where deliveries go, and none has succeeded since. Times are RFC 3339. */
export interface FailingDestination {
  /** Of the destination's URL, or `handler:<name>`. */
  origin: string;
  since: string;
  /** The beginning of the last attempt's error: what goes through an actor stays in its history. */
  error: string;
  /** Null where nothing waits. */
  nextAttemptAt: string | null;
}

/** So many of those that wait are counted. */
export const countedLeft = 100;

/** What a drain has done, for people. */
export interface DrainCount {
  /** Handled; those that were put off or set aside are none. */
  delivered: number;
  /** How many wait; `countedLeft` stands for as many or more. */
  left: number;
}

/** Everything that an integration's status follows from, as the rows have it now. */
export interface IntegrationFacts {
  /** As Temporal is told it: the id, a hash of it, or nothing. */
  userId: string;
  /** The user's turn among all users. An older process reads none: then it follows from the `userId`, which is shown. */
  fairness?: string;
  name: string;
  provider: string;
  status: IntegrationStatus;
  /** RFC 3339. */
  since: string;
  transition: number;
  reason: Reason | null;
  credentials: CredentialFact[];
  /** Tokens that were stored after the integration was switched off ask for it to be resumed. */
  resumeAsked: boolean;
  /** Beside the status, for people. Null where deliveries arrive. An older process reads none. */
  failing?: FailingDestination | null;
}

/** A credential's row, less its tokens. Times are RFC 3339. */
export interface CredentialRow {
  provider: string;
  version: number;
  state: CredentialState;
  code: string | null;
  expiresAt: string | null;
  refreshAt: string | null;
  retryAt: string | null;
  /** When the provider is asked whether the token still lives; null where it isn't asked. */
  probeAt: string | null;
  /** When a notice of its being degraded, or of its end, is due; null where none is, or it was written. */
  noticeAt: string | null;
  /** When dead tokens are tried once more, where an operator asked for it. An older process reads none. */
  trialAt?: string | null;
}
