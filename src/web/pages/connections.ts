import { connectionCard } from './connection-card';
import { connectionAlerts } from './connection-alerts';
import type { ConnectionsView } from './connection-view';
import { html, type Html } from '../document/html';
import { icon, iconShapes } from '../document/icons';
import type { Page } from '../document/page';
import { pauseControl } from './pause-control';

const title = 'Your connections';

/** What a signed-in person has. Every word of it comes from here: its script fetches it anew and shows what changed. */
export function connectionsPage(view: ConnectionsView): Page {
  const { basePath, userId, person, scope, appName, back, holds, connections, andMore } = view;
  const [hold] = holds;
  return {
    status: 200,
    title,
    layout: 'wide',
    script: `${basePath}/assets/page.js`,
    heading: html`<div class="head">
      <div>
        <h1 tabindex="-1">${title}</h1>
        <p class="quiet">
          <bdi>${person}</bdi> · <a href="${basePath}/sign-out">Sign out</a>
          ${back === undefined ? undefined : html`· <a href="${back.href}">${back.label}</a>`}
        </p>
      </div>
      ${connections.length === 0 && hold === undefined ? undefined : pauseControl(view)}
    </div>`,
    content: html`${iconShapes}
      <noscript>
        <p class="notice">
          Without JavaScript this page does not renew itself, and can't pause, switch or disconnect
          anything. It shows how things were when it was loaded, and Reconnect works.
        </p>
      </noscript>
      <holdfast-banner id="banner" base-url="${basePath}/" user-id="${userId}"
        >${connectionAlerts(holds, connections)}</holdfast-banner
      >
      <div class="notice lost">
        <p><strong>It is unknown how your connections are right now.</strong></p>
        <p>They can't be asked for at the moment. This page goes on trying by itself.</p>
        <p><button type="button" class="act plain" id="again">Try again</button></p>
      </div>
      ${connections.length === 0 ? nothing(appName) : undefined}
      <ul role="list" id="cards" data-base="${basePath}/" data-user="${userId}">
        ${connections.map((connection) => connectionCard(connection, { basePath, userId, scope, appName, hold }))}
      </ul>
      ${
        andMore
          ? html`<p class="quiet">
              These are the first ${connections.length}, by name. There are more, which ${appName}
              shows.
            </p>`
          : undefined
      }`,
  };
}

const nothing = (appName: string): Html =>
  html`<div class="empty">
    ${icon('plug')}
    <h2>Nothing connected yet</h2>
    <p class="quiet">What you connect in ${appName} appears here.</p>
  </div>`;
