import type { SwitchRequest } from './contract/messages';
import type {
  IntegrationFacts,
  IntegrationStatus,
  Reason,
  TransitionCode,
} from './contract/status';
import { errorReason, type ErrorReason } from './rules';

/** What a transition will be recorded with. */
interface NextStatus {
  to: IntegrationStatus;
  code: TransitionCode;
  credential: string | null;
  /** The names of the credentials that the message names; only of an ERROR. */
  credentials?: string[];
  message: string;
  by: string;
}

export type Decision =
  | { kind: 'none' }
  | { kind: 'transition'; next: NextStatus }
  /** Still ERROR, for another reason: no transition, no notification. */
  | { kind: 'reason'; next: NextStatus };

const none: Decision = { kind: 'none' };

function errorFor(facts: IntegrationFacts, by: string): (NextStatus & ErrorReason) | null {
  const reason = errorReason(facts.credentials);
  return reason && { to: 'ERROR', ...reason, by };
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
      return isSameReason(facts.reason, error) ? none : { kind: 'reason', next: error };
    }
    case 'DISABLED':
      return error === null && facts.resumeAsked
        ? { kind: 'transition', next: recovered(facts, by) }
        : none;
  }
}

/** The message names every credential: where it is the same, so are they. */
const isSameReason = (reason: Reason | null, { code, credential, message }: ErrorReason): boolean =>
  reason?.code === code && reason.credential === credential && reason.message === message;

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
