import { connectionDetail } from './connection-detail';
import { connectionMending } from './connection-mending';
import type { Whose } from './connection-actions';
import type { ConnectionView, HoldView } from './connection-view';
import { html, type Html } from '../document/html';
import { type Icon, icon } from '../document/icons';
import { looks, type Standing, standingOf } from '../words/standing';
import { time } from '../document/time';
import { updateSentence } from '../words/updates';

export interface Around extends Whose {
  hold: HoldView | undefined;
}

/** `bdi`: names and accounts of any script keep their direction to themselves. */
const foreign = (text: string): Html => html`<bdi>${text}</bdi>`;

const badge = (words: string, shape: Icon, more: string): Html =>
  html`<span class="badge ${more}">${icon(shape)}${words}</span>`;

/**
 * A connection: a row that opens. One that its person has to mend stands open, with that one thing to do; whatever else
 * there is to read and to change is behind it.
 */
export function connectionCard(connection: ConnectionView, around: Around): Html {
  const { id } = connection;
  const standing = standingOf(connection);
  const { tone, isOpen } = looks[standing];
  const mending = connectionMending(connection, around);
  const detail = connectionDetail(connection, around);
  return html`<li class="card ${tone}" id="${id}">
    <details id="${id}-more" data-standing="${standing}" ${isOpen ? html` open` : undefined}>
      <summary id="${id}-row" class="row">${row(connection, standing, around)}</summary>
      ${
        isOpen
          ? html`${mending}
              <details id="${id}-rest" class="rest">
                <summary>
                  ${icon('more')}More<span class="unseen"> about ${connection.provider}</span>
                </summary>
                ${detail}
              </details>`
          : html`${mending} ${detail}`
      }
    </details>
  </li>`;
}

function row(connection: ConnectionView, standing: Standing, around: Around): Html {
  const { id, provider, nameBeside, accounts, status, lastUpdateAt } = connection;
  const { words, icon: shape, tone } = looks[standing];
  const held = around.hold !== undefined && status === 'ENABLED';
  return html`${tile(connection)}
    <span class="who"
      ><h2 id="${id}-name">${foreign(provider)}</h2>
      ${
        nameBeside === undefined
          ? undefined
          : html`<span class="quiet name">${foreign(nameBeside)}</span>`
      }</span
    >
    <span class="account"
      >${
        accounts.length === 0
          ? undefined
          : html`<span class="unseen">Account </span>${foreign(accounts.join(', '))}`
      }</span
    >
    <span class="now"
      ><span class="state"
        >${held ? badge('Paused', 'pause', 'hold sure') : badge(words, shape, `${tone} sure`)}${badge('Status unknown', 'unknown', 'unknown lost')}</span
      >
      ${
        lastUpdateAt === undefined
          ? html`<span class="when none sure"
              ><span class="unseen">No update lately</span><span aria-hidden="true">–</span></span
            >`
          : html`<span class="when sure"
              ><span class="of">Updated </span>${time(lastUpdateAt)}</span
            >`
      }</span
    >
    ${icon('more')}
    ${standing === 'undelivered' ? html`<span class="note sure">${waiting(connection, around)}</span>` : undefined}`;
}

/** The first character as people count them, so that none is cut in half; over it the logo, where there is one. */
function tile({ provider, logoUrl }: ConnectionView): Html {
  const [first] = new Intl.Segmenter().segment(provider);
  return html`<span class="tile" aria-hidden="true"
    >${(first?.segment ?? '').toLocaleUpperCase('en')}${
      logoUrl === undefined
        ? undefined
        : html`<img
            src="${logoUrl}"
            alt=""
            width="24"
            height="24"
            loading="lazy"
            referrerpolicy="no-referrer"
          />`
    }</span
  >`;
}

function waiting(
  { updates, provider, status, failing, reconnectPath }: ConnectionView,
  { hold, appName }: Around,
): string {
  const mend = reconnectPath === undefined ? 'connect' : 'reconnect';
  return updateSentence(updates, { provider, appName, status, hold, mend, failing });
}
