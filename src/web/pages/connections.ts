import { connectionCard } from './connection-card';
import { connectionAlerts } from './connection-alerts';
import type { ConnectionsView, ConnectionView } from './connection-view';
import { html, type Html } from '../document/html';
import { icon, iconShapes } from '../document/icons';
import type { Page } from '../document/page';
import { pauseControl } from './pause-control';
import { byUrgency, looks, standingOf } from '../words/standing';

const title = 'Your connections';

/** From so many on they can be searched. */
const searchedFrom = 30;

/** What a signed-in person has. Every word of it comes from here: its script fetches it anew and shows what changed. */
export function connectionsPage(view: ConnectionsView): Page {
  const { basePath, userId, person, appName, back, holds, scope, andMore } = view;
  const [hold] = holds;
  const connections = [...view.connections].sort(byUrgency);
  const isEmpty = connections.length === 0;
  return {
    status: 200,
    title,
    layout: 'wide',
    script: `${basePath}/assets/page.js`,
    images: connections.flatMap(({ logoUrl }) => logoUrl ?? []),
    heading: html`<div class="head">
      <h1 tabindex="-1">${title}</h1>
      <p class="quiet">
        <bdi>${person}</bdi> <a href="${basePath}/sign-out">Sign out</a>
        ${back === undefined ? undefined : html`<a href="${back.href}">${back.label}</a>`}
      </p>
    </div>`,
    content: html`${iconShapes}
      <noscript>
        <p class="notice">
          Without JavaScript this page does not renew itself, and can't pause, switch or disconnect
          anything. It shows how things were when it was loaded, and Reconnect works.
        </p>
      </noscript>
      <holdfast-banner id="banner" brief base-url="${basePath}/" user-id="${userId}"
        >${connectionAlerts(holds, connections)}</holdfast-banner
      >
      <div class="notice lost">
        <p><strong>It is unknown how your connections are right now.</strong></p>
        <p>They can't be asked for at the moment. This page goes on trying by itself.</p>
        <p><button type="button" class="act plain" id="again">Try again</button></p>
      </div>
      ${isEmpty && hold === undefined ? undefined : bar(view, connections)}
      ${isEmpty ? nothing(appName) : undefined} ${isEmpty ? undefined : columns}
      <ul role="list" id="cards" data-base="${basePath}/" data-user="${userId}">
        ${connections.map((connection) => connectionCard(connection, { basePath, userId, appName, scope, hold }))}
      </ul>
      ${
        andMore
          ? html`<p class="quiet">
              These are the first ${connections.length}, broken ones first, then by name. There are
              more, which ${appName} shows.
            </p>`
          : undefined
      }`,
  };
}

/** How many there are, how to find one, and the pause: below what is alarming. */
function bar(view: ConnectionsView, connections: readonly ConnectionView[]): Html {
  const count = connections.length;
  const due = connections.filter((connection) => looks[standingOf(connection)].isOpen).length;
  return html`<div class="bar">
    <p class="quiet sum">
      ${count === 1 ? '1 connection' : `${count} connections`}${
        due === 0 ? undefined : html`<span class="sure">, <strong>${due} to look at</strong></span>`
      }
    </p>
    ${count < searchedFrom ? undefined : search} ${pauseControl(view)}
  </div>`;
}

/** `client/page-search.ts` hides what doesn't match, and says how many are left. */
const search = html`<div class="find live" role="search">
  <input
    type="search"
    id="search"
    aria-label="Find a connection"
    placeholder="Find by service, name, account or state"
    autocomplete="off"
    spellcheck="false"
  />
  <p class="quiet" id="found" role="status"></p>
</div>`;

/** For eyes alone: each row says by itself what it shows. */
const columns = html`<div class="columns" aria-hidden="true">
  <span></span><span>Connection</span><span>Account</span><span>State</span><span>Last update</span
  ><span></span>
</div>`;

const nothing = (appName: string): Html =>
  html`<div class="empty">
    ${icon('plug')}
    <h2>Nothing connected yet</h2>
    <p class="quiet">What you connect in ${appName} appears here.</p>
  </div>`;
