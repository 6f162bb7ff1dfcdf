import type { CredentialRow } from './contract/status';
import { type Action, type CredentialActorState, next } from './credential-state';
import { codeSpan, plainText } from './markdown';

/** Markdown for the Temporal UI. */
export function describe(facts: CredentialRow): string {
  const { provider, state, code, version, expiresAt, refreshAt, retryAt, trialAt } = facts;
  const cause = code === null ? '' : ` (${codeSpan(code)})`;
  const retry = retryAt ?? trialAt ?? null;
  const next = retry === null ? `refreshed at ${refreshAt ?? '–'}` : `tried again at ${retry}`;
  return `**${state}**${cause}: ${plainText(provider)}, version ${version}, expires ${expiresAt ?? '–'}, ${next}`;
}

const doings: Record<Action['kind'], string> = {
  refresh: 'refresh ahead',
  probe: 'ask the provider whether it lives',
  notice: 'tell that it is degraded, or about to end',
  trial: 'try the dead tokens once more',
};

/** Beside an activity: what is done, to which tokens. */
export const doing = (kind: Action['kind'], version: number): string =>
  `${doings[kind]}, version ${version}`;

/** Beside the timer after which the actor acts by itself. */
export function dueSummary(state: CredentialActorState): string {
  const action = next(state);
  if (action === null) return '';
  const isAgain = action.kind === 'refresh' && state.facts?.retryAt != null;
  const what = isAgain ? 'try to refresh again' : doings[action.kind];
  return `${what}, due ${new Date(action.at).toISOString()}`;
}
