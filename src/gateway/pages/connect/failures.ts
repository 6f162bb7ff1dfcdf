import { html } from '../../../web/document/html';
import { messagePage, type Way } from '../../../web/pages/message';
import { type Account, otherAccountPage } from '../../../web/pages/other-account';
import { PageFailure } from '../page-failure';

/** The ends of a person's way to a provider and back that are not a connection. */

export const signedOut = (appName: string, way: Way): PageFailure =>
  new PageFailure(
    'signed_out',
    messagePage(
      401,
      'Start again, please',
      `You are not signed in here, or not any more. Go back to ${appName} and start from there.`,
      way,
    ),
  );

/** The same for what is someone else's and for what never was. */
export const notYours = (appName: string, back: Way): PageFailure =>
  new PageFailure(
    'not_yours',
    messagePage(
      404,
      'There is no such connection of yours',
      `The connection may have been removed, or belong to someone else. Go back to ${appName} and look there.`,
      back,
    ),
  );

export const notSetUp = (provider: string, appName: string, back: Way): PageFailure =>
  new PageFailure(
    'unknown_provider',
    messagePage(
      404,
      `${provider} can't be connected here`,
      `${provider} is not set up. Go back to ${appName} and tell them.`,
      back,
    ),
  );

/** The parameters that the connection was made with don't fit the provider's addresses (any more). */
export const unusableParameters = (
  provider: string,
  appName: string,
  back: Way,
  cause: unknown,
): PageFailure =>
  new PageFailure(
    'unusable_parameters',
    messagePage(
      409,
      `${provider} can't be connected like this`,
      `Its address is not set up as it should be. Go back to ${appName}, and add the connection anew ` +
        'or tell them.',
      back,
    ),
    { cause },
  );

/** Whose connection failed, and where its person goes on. */
export interface FailedConnection {
  /** The provider's label. */
  provider: string;
  appName: string;
  /** Undefined where it can't be tried again from here. */
  again: Way | undefined;
  /** Undefined where nobody knows of a place. */
  back: Way;
}

interface Because {
  /** The provider's own code. */
  reason?: string;
  cause?: unknown;
}

export const providerSilent = (
  { provider, again, back }: FailedConnection,
  because: Because,
): PageFailure =>
  new PageFailure(
    'provider_unavailable',
    messagePage(
      503,
      `${provider} does not answer`,
      `Nothing was changed, and nothing that was kept for you is lost. This passes by itself: try ` +
        `again in a few minutes.`,
      again,
      back,
    ),
    because,
  );

export const denied = ({ provider, again, back }: FailedConnection, reason: string): PageFailure =>
  new PageFailure(
    'denied',
    messagePage(
      403,
      `${provider} was not connected`,
      `You, or ${provider}, did not agree. Nothing was changed, and you can try again.`,
      again,
      back,
    ),
    { reason },
  );

/** @param missing the permissions, in words */
export const scopeMissing = (
  { provider, appName, again, back }: FailedConnection,
  missing: readonly string[],
  reason: string,
): PageFailure =>
  new PageFailure(
    'scope_missing',
    messagePage(
      403,
      `${provider} was not connected`,
      html`<p>${appName} can't work without what was left out at ${provider}:</p>
        <ul>
          ${missing.map((permission) => html`<li><bdi>${permission}</bdi></li>`)}
        </ul>
        <p>Nothing was changed. Try again, and leave that ticked.</p>`,
      again,
      back,
    ),
    { reason },
  );

export const invalidCode = (
  { provider, again, back }: FailedConnection,
  reason: string,
): PageFailure =>
  new PageFailure(
    'invalid_code',
    messagePage(
      400,
      `${provider} was not connected`,
      `What ${provider} sent back could not be used. Nothing was changed: try again.`,
      again,
      back,
    ),
    { reason },
  );

/** Nothing that the person does helps. */
export const appFault = (
  code: 'app_fault' | 'app_refused' | 'account_unreadable',
  { provider, appName, again, back }: FailedConnection,
  reason: string,
): PageFailure =>
  new PageFailure(
    code,
    messagePage(
      502,
      `${provider} can't be connected at the moment`,
      `${provider} and ${appName}, as it is set up, don't fit together. That is not your fault, ` +
        `and it was noted. Nothing was changed: try again later, or go back to ${appName} and tell them.`,
      back,
      again,
    ),
    { reason },
  );

export const noRefreshToken = ({ provider, again, back }: FailedConnection): PageFailure =>
  new PageFailure(
    'no_refresh_token',
    messagePage(
      409,
      `${provider} did not allow lasting access`,
      `Without it the connection would break within hours, so nothing was changed. Remove the ` +
        `access that ${provider} lists in your account's settings, then try again.`,
      again,
      back,
    ),
  );

export const otherAccount = (
  { provider, again, back }: FailedConnection,
  expected: Account,
  came: Account | undefined,
): PageFailure =>
  new PageFailure('account_mismatch', otherAccountPage({ provider, expected, came, again, back }));
