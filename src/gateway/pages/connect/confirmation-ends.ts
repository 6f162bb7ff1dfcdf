import type { Page } from '../../../web/document/page';
import { messagePage, type Way } from '../../../web/pages/message';
import { PageFailure } from '../page-failure';
import type { FailedConnection } from './failures';

/** The ends of a confirmation that are not a connection. */

/** The browser was signed in as somebody else since, or somebody else's way ends in it. */
export const otherSession = (appName: string, back: Way): PageFailure =>
  new PageFailure(
    'other_session',
    messagePage(
      403,
      'You are signed in as someone else',
      `This connection is for another person than the one who is signed in here now. Nothing was ` +
        `connected. Go back to ${appName} and start from there.`,
      back,
    ),
  );

/** The application wants to confirm it, and is not where it was. */
export const noWayToConfirm = (appName: string, back: Way): PageFailure =>
  new PageFailure(
    'no_return',
    messagePage(
      502,
      `${appName} can't be reached from here`,
      `It has to confirm this connection, and its address is not allowed any more. That is not your ` +
        `fault. Nothing was connected: go back to ${appName} and tell them.`,
      back,
    ),
  );

/** Unknown, of another browser, or deleted: all alike. */
export const unknownConfirmation = (appName: string, way: Way | undefined): PageFailure =>
  new PageFailure(
    'confirmation_unknown',
    messagePage(
      410,
      'This can’t be confirmed here',
      `It has to be confirmed within ten minutes, in the browser where it began. To start again, go ` +
        `back to ${appName}.`,
      way,
    ),
  );

export const cancelledPage = ({ provider, appName, again, back }: FailedConnection): Page =>
  messagePage(
    200,
    `${provider} was not connected`,
    `You did not confirm it. ${appName} has no access to that account by this.`,
    again,
    back,
  );

export const latePage = ({ provider, again, back }: FailedConnection): Page =>
  messagePage(
    410,
    `${provider} was not connected`,
    'It was not confirmed within ten minutes. Nothing was changed: try again.',
    again,
    back,
  );
