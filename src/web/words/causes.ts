import type { TransitionCode } from '../../../workflows/contract/status';
import type { Cause, Change } from '../pages/connection-view';

interface Names {
  /** The provider's label. */
  provider: string;
  appName: string;
}

/** What happened, for people: whole sentences. */
const deaths = {
  not_connected: (provider: string) => `${provider} is not connected yet.`,
  invalid_grant: (provider: string) =>
    `${provider} no longer accepts the connection: access was withdrawn there, or has run out.`,
  invalid_scope: (provider: string) =>
    `${provider} no longer grants the permissions that the connection needs.`,
  interaction_required: (provider: string) => `${provider} wants you to do something there first.`,
  consent_required: (provider: string) => `${provider} asks for your consent again.`,
  login_required: (provider: string) => `${provider} asks you to sign in again.`,
  unauthorized_client: (provider: string) => `${provider} no longer lets access be renewed.`,
  no_refresh_token: (provider: string) =>
    `Access to ${provider} has run out, and can't be renewed without you.`,
  rotation_lost: (provider: string) =>
    `${provider} renewed the connection's access, but the answer was lost on the way.`,
  access_refused: (provider: string) =>
    `${provider} refuses access to the connection. A permission may have been taken away there.`,
  revoked: (provider: string) => `Access was withdrawn at ${provider}.`,
  refresh_rejected: (provider: string) => `${provider} no longer lets access be renewed.`,
  scope_missing: (provider: string) =>
    `${provider} no longer grants a permission that the connection needs.`,
  invalidated: (provider: string) => `Access to ${provider} was declared no longer usable.`,
} as const satisfies Partial<Record<TransitionCode, (provider: string) => string>>;

const isDeath = (code: TransitionCode): code is keyof typeof deaths => Object.hasOwn(deaths, code);

function who(by: string, { appName }: Names): string {
  if (by === 'user') return 'you';
  return by === 'application' ? appName : 'an operator';
}

/** Isolated (U+2068, U+2069): whatever is in it, the text around keeps its direction. */
const quoted = (said: string | undefined) => (said === undefined ? '' : ` “\u2068${said}\u2069”`);

/** Why a connection is as it is, in a sentence. */
export function causeSentence(cause: Cause, names: Names): string {
  const { code, by, credential, said } = cause;
  if (isDeath(code)) {
    const sentence = deaths[code](names.provider);
    return credential === undefined ? sentence : `“${credential}”: ${sentence}`;
  }
  const doer = who(by, names);
  switch (code) {
    case 'switched_off':
      return `Switched off by ${doer}.${quoted(said)}`;
    case 'switched_on':
      return `Switched on by ${doer}.${quoted(said)}`;
    case 'reauthorized':
      return 'Connected.';
    case 'created':
      return 'Added.';
  }
}

/** A line of the history. */
export function changeSentence({ from, to, cause }: Change, names: Names): string {
  const sentence = causeSentence(cause, names);
  if (to !== 'ERROR') return sentence;
  return from === null ? 'Added, not connected yet.' : `Stopped. ${sentence}`;
}
