import { html } from '../document/html';
import type { Page } from '../document/page';

export interface ConfirmView {
  provider: string;
  appName: string;
  /** The account that has come; undefined where the provider names none. */
  account: { id: string; label?: string | null | undefined } | undefined;
  /** How the application calls the person; undefined where it doesn't. */
  userLabel: string | undefined;
  userId: string;
  /** The connection is switched off, and is switched on by this. */
  switchesOn: boolean;
  /** Where the answer goes; that page again, for whom it does not get there. */
  action: string;
  code: string;
}

/**
 * Asks whose account it is before anything is stored: whoever made the link can have sent it to somebody else. A label
 * may say anything, so the id stands beside it.
 */
export function confirmPage(view: ConfirmView): Page {
  const { provider, appName, account, userLabel, userId, switchesOn, action, code } = view;
  return {
    status: 200,
    title: `Connect this ${provider} account?`,
    content: html`<dl>
        <dt>Account at ${provider}</dt>
        <dd>${account === undefined ? `Not known: ${provider} does not say` : named(account)}</dd>
        <dt>For</dt>
        <dd>${appName}</dd>
        ${
          userLabel === undefined
            ? undefined
            : html`<dt>As</dt>
                <dd><bdi>${userLabel}</bdi></dd>`
        }
        <dt>User id</dt>
        <dd><bdi>${userId}</bdi></dd>
      </dl>
      <p>
        Once it is connected, ${appName} uses this account for <bdi>${userLabel ?? userId}</bdi>. If
        that is not you, or somebody sent you here, cancel: nothing is connected.
      </p>
      ${switchesOn ? html`<p>The connection is switched off. Connect switches it on.</p>` : undefined}
      <form method="post" action="${action}">
        <input type="hidden" name="confirmation" value="${code}" />
        ${switchesOn ? html`<input type="hidden" name="switchOn" value="yes" />` : undefined}
        <div class="actions">
          <button class="act main" name="decision" value="connect">Connect</button>
          <button class="act plain" name="decision" value="cancel">Cancel</button>
        </div>
      </form>`,
    formAction: "'self'",
    referrerPolicy: 'same-origin',
  };
}

/** A label is text of the provider's choice, and often of the account's own. */
function named({ id, label }: NonNullable<ConfirmView['account']>) {
  if (label === undefined || label === null || label === id) return html`<bdi>${id}</bdi>`;
  return html`<bdi>${label}</bdi> (<bdi>${id}</bdi>)`;
}
