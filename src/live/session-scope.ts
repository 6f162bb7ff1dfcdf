import type { SessionScope } from '../db/queries/people/sessions';

/** Each may do what those before it may. */
const scopes: readonly SessionScope[] = ['read', 'manage', 'delete'];

/**
 * Whether a session of one scope may do what needs another: `read` reads and reconnects, `manage` also pauses and
 * switches on and off, `delete` everything. Pages show no button that its session may not press.
 */
export const mayDo = (scope: SessionScope, needed: SessionScope): boolean =>
  scopes.indexOf(scope) >= scopes.indexOf(needed);
