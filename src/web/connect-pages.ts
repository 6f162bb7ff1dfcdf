import { html, type Html } from './html';
import type { Page } from './page';

/** A link that leads out of the page, its address checked. */
export interface Way {
  href: string;
  label: string;
}

const wayOut = (way: Way | undefined): Html =>
  way === undefined
    ? html`<p class="quiet">You can close this page.</p>`
    : html`<p><a class="act" href="${way.href}">${way.label}</a></p>`;

/** A page that says one thing and where to go from there. */
export function messagePage(status: number, title: string, text: string, way?: Way): Page {
  return {
    status,
    title,
    content: html`<p>${text}</p>
      ${wayOut(way)}`,
  };
}

export interface ConnectedView {
  provider: string;
  /** The account at the provider, where it is known. */
  account: string | undefined;
  /** The integration was switched off and stays so. */
  staysOff: boolean;
  /** Where another of the integration's credentials is connected, if one needs it. */
  next: Way | undefined;
  back: Way | undefined;
}

export function connectedPage({ provider, account, staysOff, next, back }: ConnectedView): Page {
  const outcome = staysOff
    ? 'The connection is still switched off, as it was before.'
    : 'What arrived in the meantime is being handled now, in order. There is nothing else to do.';
  return {
    status: 200,
    title: `${provider} is connected`,
    content: html`${
        account === undefined
          ? undefined
          : html`<dl>
              <dt>Account</dt>
              <dd>${account}</dd>
            </dl>`
      }
      <p>
        ${
          next === undefined
            ? outcome
            : 'One more account of this connection has to be connected before it works again.'
        }
      </p>
      ${wayOut(next ?? back)}`,
  };
}

export interface OtherAccountView {
  provider: string;
  expected: string;
  came: string;
  again: Way;
}

/** The person came back with another account than the one that was connected. */
export function otherAccountPage({ provider, expected, came, again }: OtherAccountView): Page {
  return {
    status: 409,
    title: `That was another ${provider} account`,
    content: html`<dl>
        <dt>Expected</dt>
        <dd>${expected}</dd>
        <dt>You chose</dt>
        <dd>${came}</dd>
      </dl>
      <p>
        Nothing was changed. Sign out at ${provider}, or choose ${expected} there, and try again. To
        use ${came} instead, add it as a new connection.
      </p>
      ${wayOut(again)}`,
  };
}
