import { messagePage, otherAccountPage, type Way } from '../web/connect-pages';
import type { StateRefusal } from '../db/queries/oauth-states';
import { PageFailure } from './page-failure';

/** The ends of a person's way to a provider and back that are not a connection. */

export const signedOut = (appName: string): PageFailure =>
  new PageFailure(
    'signed_out',
    messagePage(
      401,
      'Start again, please',
      `You are not signed in here any more. Go back to ${appName} and start from there.`,
    ),
  );

export const notYours = (appName: string): PageFailure =>
  new PageFailure(
    'not_yours',
    messagePage(
      404,
      'There is no such connection of yours',
      `It may have been removed, or belong to someone else. Go back to ${appName} and look there.`,
    ),
  );

export const notSetUp = (provider: string, appName: string): PageFailure =>
  new PageFailure(
    'unknown_provider',
    messagePage(
      404,
      `${provider} can't be connected here`,
      `It is not set up. Go back to ${appName} and tell them.`,
    ),
  );

/** The parameters that the connection was made with don't fit the provider's addresses (any more). */
export const unusableParameters = (
  provider: string,
  appName: string,
  cause: unknown,
): PageFailure =>
  new PageFailure(
    'unusable_parameters',
    messagePage(
      409,
      `${provider} can't be connected like this`,
      `Its address is not set up as it should be. Go back to ${appName}, and add the connection anew ` +
        'or tell them.',
    ),
    { cause },
  );

interface Because {
  /** The provider's own code. */
  reason?: string;
  cause?: unknown;
}

export const providerSilent = (
  provider: string,
  again: Way | undefined,
  because: Because,
): PageFailure =>
  new PageFailure(
    'provider_unavailable',
    messagePage(
      503,
      `${provider} does not answer`,
      `Nothing was changed. This passes by itself: try again in a few minutes.`,
      again,
    ),
    because,
  );

export const denied = (provider: string, again: Way, reason: string): PageFailure =>
  new PageFailure(
    'denied',
    messagePage(
      403,
      `${provider} was not connected`,
      `You, or ${provider}, did not agree. Nothing was changed, and you can try again.`,
      again,
    ),
    { reason },
  );

export const invalidCode = (provider: string, again: Way, reason: string): PageFailure =>
  new PageFailure(
    'invalid_code',
    messagePage(
      400,
      `${provider} was not connected`,
      `What ${provider} sent back could not be used. Nothing was changed: try again.`,
      again,
    ),
    { reason },
  );

/** Nothing that the person does helps. */
export const appFault = (
  code: 'app_fault' | 'app_refused' | 'account_unreadable',
  { provider, appName, again }: { provider: string; appName: string; again: Way },
  reason: string,
): PageFailure =>
  new PageFailure(
    code,
    messagePage(
      502,
      `${provider} can't be connected at the moment`,
      `${provider} and ${appName}, as it is set up, don't fit together. That is not your fault, ` +
        `and it was noted. Nothing was changed: try again later, or go back to ${appName} and tell them.`,
      again,
    ),
    { reason },
  );

export const noRefreshToken = (provider: string, again: Way): PageFailure =>
  new PageFailure(
    'no_refresh_token',
    messagePage(
      409,
      `${provider} did not allow lasting access`,
      `Without it the connection would break within hours, so nothing was changed. Remove the ` +
        `access that ${provider} lists in your account's settings, then try again.`,
      again,
    ),
  );

interface Account {
  id: string;
  label?: string | null | undefined;
}

export const otherAccount = (
  provider: string,
  stored: Account,
  came: Account | undefined,
  again: Way,
): PageFailure =>
  new PageFailure(
    'account_mismatch',
    otherAccountPage({
      provider,
      expected: stored.label ?? stored.id,
      came: came?.label ?? came?.id ?? 'another account',
      again,
    }),
  );

const refusals = {
  unknown: {
    status: 400,
    title: 'This step is not right',
    text: 'The address was changed or cut off on its way.',
  },
  used: {
    status: 409,
    title: 'This step was done already',
    text: 'If you loaded the page again, all is well: the first time counts.',
  },
  expired: { status: 410, title: 'That took too long', text: 'This step works for ten minutes.' },
  other_browser: {
    status: 403,
    title: 'This began in another browser',
    text: 'It has to end in the browser where it began, with its cookies.',
  },
} as const satisfies Record<StateRefusal, object>;

export function stateRefused(refusal: StateRefusal, appName: string): PageFailure {
  const { status, title, text } = refusals[refusal];
  return new PageFailure(
    `state_${refusal}`,
    messagePage(status, title, `${text} To start again, go back to ${appName}.`),
  );
}
