import type { CredentialFact, DeathCode } from './contract/status';

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
