import type { ConnectionView, HoldView } from './connection-view';
import { html, type Html } from '../document/html';
import { time } from '../document/time';
import { calledAs, heardAs } from '../words/names';
import { standingOf } from '../words/standing';

/** As `shownAtFirst` of `client/banner-model.ts`. */
const apartUpTo = 2;

/**
 * What has to be known first: a pause, and that connections broke. It stands where the live banner does and says the
 * same, until that takes over. What was never connected is no alarm.
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
            ${broken.length <= apartUpTo ? broken.map(brokenLine) : html`<li><strong>${broken.length} connections need reconnecting</strong></li>`}
          </ul>
        </div>`
  }`;
}

function holdNotice({ by, reason, since }: HoldView): Html {
  const title = by === 'user' ? 'You have paused everything' : 'Everything is paused for now';
  return html`<div class="notice hold sure">
    <p><strong>${title}</strong>, since ${time(since)}.</p>
    ${reason === undefined ? undefined : html`<p><bdi>${reason}</bdi></p>`}
    <p>
      Updates are kept and handled
      ${by === 'user' ? 'once you resume.' : 'once the pause is over. There is nothing you need to do.'}
    </p>
  </div>`;
}

const brokenLine = (connection: ConnectionView): Html =>
  html`<li>
    <span
      ><strong><bdi>${calledAs(connection)}</bdi></strong> has to be reconnected</span
    >
    ${
      connection.reconnectPath === undefined
        ? undefined
        : html`<a href="${connection.reconnectPath}"
            >Reconnect<span class="unseen"> ${heardAs(connection)}</span></a
          >`
    }
  </li>`;
