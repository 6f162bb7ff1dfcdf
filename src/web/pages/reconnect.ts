import { html, type Html } from '../document/html';
import { leadsOut, type Page } from '../document/page';
import { type Asked, askedPart } from './asked';
import { messagePage, type Way, waysOut } from './message';

interface ReconnectView {
  appName: string;
  provider: string;
  account: string;
  asked: Asked;
  isOff: boolean;
  /** Where the button posts to; it carries the answer to what the page asks. */
  action: string;
  plainHttp: boolean;
}

/** Where the link of a notification leads. Only the button changes anything: link scanners fetch, they don't press. */
export function reconnectPage({
  appName,
  provider,
  account,
  asked,
  isOff,
  action,
  plainHttp,
}: ReconnectView): Page {
  return {
    status: 200,
    title: `Reconnect ${provider}`,
    content: html`<dl>
        <dt>For</dt>
        <dd>${appName}</dd>
        <dt>Account</dt>
        <dd><bdi>${account}</bdi></dd>
      </dl>
      ${askedPart(appName, provider, asked)}
      ${isOff ? html`<p>This connection is switched off. The button switches it on, too.</p>` : undefined}
      <p>
        The button takes you to ${provider}, where you are asked to agree. Choose
        <bdi>${account}</bdi> there: no other account will do. If that is not yours, close this
        page.
      </p>
      ${onward(isOff ? 'Reconnect and switch on' : `Continue to ${provider}`, action)}`,
    ...leadsOut(plainHttp),
  };
}

interface SwitchOnView {
  appName: string;
  provider: string;
  /** The account that is stored, if any is. */
  account: string | null;
  asked: Asked;
  /** It was never connected. */
  isFirst: boolean;
  plainHttp: boolean;
  back: Way;
}

/** Somebody has switched a connection off: connecting it would switch it on, so that they are asked. */
export function switchOnPage(view: SwitchOnView): Page {
  const { appName, provider, account, asked, isFirst, plainHttp, back } = view;
  const verb = isFirst ? 'Connect' : 'Reconnect';
  return {
    status: 200,
    title: `${provider} is switched off`,
    content: html`${
        account === null
          ? undefined
          : html`<dl>
              <dt>Account</dt>
              <dd><bdi>${account}</bdi></dd>
            </dl>`
      }
      ${askedPart(appName, provider, asked)}
      <p>
        ${verb} and switch on? What was kept meanwhile is handled then. If it is to stay off, leave
        this page.
      </p>
      ${onward(`${verb} and switch on`)} ${waysOut(back)}`,
    ...leadsOut(plainHttp),
  };
}

/** @param action default: the page's own address, where what it asks for stands */
const onward = (label: string, action?: string): Html =>
  html`<form method="post" ${action === undefined ? undefined : html`action="${action}"`}>
    <button class="act">${label}</button>
  </form>`;

/** Between an application's page and a provider, for the moment that a browser needs. */
export const onwardPage = (provider: string, href: string): Page => ({
  ...messagePage(200, `On the way to ${provider}`, 'This page goes on by itself.', {
    href,
    label: `Continue to ${provider}`,
  }),
  goesTo: href,
});
