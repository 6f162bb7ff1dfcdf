import type { ConnectionView, HoldView } from './connection-view';
import { html, type Html } from '../document/html';
import { standingOf } from '../words/standing';
import { time } from '../document/time';

/**
 * What has to be known first: a pause, and each connection that needs its person. It stands where the live banner does,
 * until that takes over.
 */
export function connectionAlerts(
  holds: readonly HoldView[],
  connections: readonly ConnectionView[],
): Html {
  const broken = connections.filter((connection) => standingOf(connection) === 'broken');
  return html`${holds.map(holdNotice)}
  ${
    broken.length === 0
      ? undefined
      : html`<div class="notice lines warn sure">
          <ul>
            ${broken.map(brokenLine)}
          </ul>
        </div>`
  }`;
}

function holdNotice({ by, reason, since }: HoldView): Html {
  const title = by === 'user' ? 'You have paused everything' : 'Everything is paused for now';
  return html`<div class="notice stop sure">
    <p><strong>${title}</strong>, since ${time(since)}.</p>
    ${reason === undefined ? undefined : html`<p><bdi>${reason}</bdi></p>`}
    <p>
      Webhooks are kept and handled
      ${by === 'user' ? 'once you resume.' : 'once the pause is over. There is nothing you need to do.'}
    </p>
  </div>`;
}

function brokenLine({ provider, name, reconnectPath }: ConnectionView): Html {
  return html`<li>
    <span
      ><strong><bdi>${provider}</bdi></strong> (<bdi>${name}</bdi>) needs reconnecting</span
    >
    ${reconnectPath === undefined ? undefined : html`<a href="${reconnectPath}">Reconnect</a>`}
  </li>`;
}
