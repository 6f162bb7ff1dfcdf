import type { Session, SessionScope } from '../db/queries/people/sessions';

/** Each may do what those before it may. */
const scopes: readonly SessionScope[] = ['read', 'manage', 'delete'];

/**
 * Whether a session of one scope may do what needs another: `read` reads and reconnects, `manage` also pauses and
 * switches on and off, `delete` everything. Pages show no button that its session may not press.
 */
export const mayDo = (scope: SessionScope, needed: SessionScope): boolean =>
  scopes.indexOf(scope) >= scopes.indexOf(needed);

/**
 * Whether a reconnect in that session switches on what is off: its person opts in by it, unless the application asked
 * otherwise for that integration, or doesn't let them switch anything on.
 */
export const switchesOn = (
  { scope, integrationId, resume }: Pick<Session, 'scope' | 'integrationId' | 'resume'>,
  reconnected: string,
): boolean => mayDo(scope, 'manage') && (integrationId !== reconnected || resume);
