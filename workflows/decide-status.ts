import type { SwitchRequest } from './contract/messages';
import type {
  CredentialFact,
  IntegrationStatus,
  TransitionCode,
  DeathCode,
  IntegrationFacts,
} from './contract/status';

/** What a transition will be recorded with. */
interface NextStatus {
  to: IntegrationStatus;
  code: TransitionCode;
  credential: string | null;
  message: string;
  by: string;
}

export type Decision =
  | { kind: 'none' }
  | { kind: 'transition'; next: NextStatus }
  /** Still ERROR, for another reason: no transition, no notification. */
  | { kind: 'reason'; next: NextStatus };

const none: Decision = { kind: 'none' };

export const isDead = ({ state }: CredentialFact): boolean =>
  state === 'dead' || state === 'missing';

function errorFor(facts: IntegrationFacts, by: string): NextStatus | null {
  const dead = facts.credentials.filter(isDead);
  const [first] = dead;
  if (first === undefined) return null;
  const code = deathCode(first);
  return { to: 'ERROR', code, credential: first.name, message: errorMessage(dead), by };
}

function deathCode(credential: CredentialFact): TransitionCode {
  return credential.state === 'missing' ? 'not_connected' : (credential.code ?? 'invalidated');
}

/**
 * The status that follows from the credentials alone. It depends on the rows as they are now and on
 * nothing that was said on the way, so that messages may come late, twice and in any order.
 *
 * @param by who is named as the cause of a transition
 */
export function decideStatus(facts: IntegrationFacts, by = 'system'): Decision {
  const error = errorFor(facts, by);
  switch (facts.status) {
    case 'ENABLED':
      return error === null ? none : { kind: 'transition', next: error };
    case 'ERROR': {
      if (error === null) return { kind: 'transition', next: recovered(facts, by) };
      const { code, credential, message } = error;
      const same = facts.reason?.message === message && facts.reason.credential === credential;
      return same && facts.reason?.code === code ? none : { kind: 'reason', next: error };
    }
    case 'DISABLED':
      return error === null && facts.resumeAsked
        ? { kind: 'transition', next: recovered(facts, by) }
        : none;
  }
}

function recovered(facts: IntegrationFacts, by: string): NextStatus {
  const credential = facts.reason?.credential ?? facts.credentials[0]?.name ?? null;
  const message = 'Every credential is alive again.';
  return { to: 'ENABLED', code: 'reauthorized', credential, message, by };
}

/** What a person's switch does. `enable` in ERROR is refused before this is asked. */
export function decideSwitch(
  facts: IntegrationFacts,
  to: 'enable' | 'disable',
  { by, reason }: SwitchRequest,
): Decision {
  if (to === 'disable') {
    if (facts.status === 'DISABLED') return none;
    const message = reason ?? `Switched off by ${by}.`;
    return transition({ to: 'DISABLED', code: 'switched_off', credential: null, message, by });
  }
  if (facts.status === 'ENABLED') return none;
  const message = reason ?? `Switched on by ${by}.`;
  return transition(
    errorFor(facts, by) ?? { to: 'ENABLED', code: 'switched_on', credential: null, message, by },
  );
}

const transition = (next: NextStatus): Decision => ({ kind: 'transition', next });

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

const isDeathCode = (code: string): code is DeathCode => Object.hasOwn(causes, code);

function causeOf({ state, code }: CredentialFact): string {
  if (state === 'missing') return causes.not_connected;
  return code !== null && isDeathCode(code) ? causes[code] : causes.invalidated;
}

/** A sentence for a person: which credentials are dead, of what, and what to do. */
export function errorMessage(dead: readonly CredentialFact[]): string {
  const each = dead.map((credential) => `"${credential.name}" ${causeOf(credential)}`);
  const subject = dead.length === 1 ? 'The credential' : 'The credentials';
  return `${subject} ${each.join(', and ')}. Reconnect to go on.`;
}
