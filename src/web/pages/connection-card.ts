import type { SessionScope } from '../../db/queries/people/sessions';
import { causeSentence, changeSentence } from '../words/causes';
import { connectionActions } from './connection-actions';
import type { ConnectionView, HoldView } from './connection-view';
import { html, type Html } from '../document/html';
import { type Icon, icon } from '../document/icons';
import { looks, standingOf } from '../words/standing';
import { time } from '../document/time';
import { webhookSentence } from '../words/webhooks';

interface Around {
  basePath: string;
  userId: string;
  scope: SessionScope;
  appName: string;
  hold: HoldView | undefined;
}

/** `bdi`: names and accounts of any script keep their direction to themselves. */
const foreign = (text: string): Html => html`<bdi>${text}</bdi>`;

const badge = (words: string, shape: Icon, more: string): Html =>
  html`<p class="badge ${more}">${icon(shape)}${words}</p>`;

/** Everything of one connection: how it stands, what that means for its webhooks, and what can be done. */
export function connectionCard(connection: ConnectionView, around: Around): Html {
  const { id, name, provider, accounts, webhooks, reconnectPath } = connection;
  const standing = standingOf(connection);
  const { words, icon: shape, tone, since } = looks[standing];
  const mend = standing === 'unconnected' ? 'connect' : 'reconnect';
  const held = around.hold !== undefined && connection.status === 'ENABLED';
  return html`<li class="card ${tone}" id="${id}">
    <div class="top">
      <span class="tile" aria-hidden="true">${initial(provider)}</span>
      <div class="who">
        <h2 id="${id}-name" tabindex="-1">${foreign(provider)}</h2>
        <p class="quiet">${foreign(name)}</p>
      </div>
      <div class="badges">
        ${badge(words, shape, `${tone} sure`)}
        ${held ? badge('Paused', 'pause', 'stop sure') : undefined}
        ${badge('Status unknown', 'unknown', 'unknown lost')}
      </div>
    </div>
    <div class="sure">
      ${ending(connection)} ${why(connection, around.appName)}
      <p class="hooks">
        ${icon('inbox')}<span
          >${webhookSentence(webhooks, { status: connection.status, hold: around.hold, mend: reconnectPath === undefined ? 'connect' : mend })}</span
        >
      </p>
      ${facts(connection, since, accounts)}
    </div>
    ${connectionActions(connection, around)} ${permissions(connection)}
    ${history(connection, around.appName)}
  </li>`;
}

/** The first character as people count them, so that none is cut in half. */
function initial(label: string): string {
  const [first] = new Intl.Segmenter().segment(label);
  return (first?.segment ?? '').toLocaleUpperCase('en');
}

function ending({ provider, ending }: ConnectionView): Html | undefined {
  if (ending === undefined) return undefined;
  return html`<p class="why">
    ${foreign(provider)} ends this connection on ${time(ending.at)}. Reconnect it before that, and
    nothing stops.
  </p>`;
}

function why(connection: ConnectionView, appName: string): Html | undefined {
  const { provider, cause, reconnectPath, status } = connection;
  const standing = standingOf(connection);
  if (standing === 'troubled') {
    return html`<p class="why">
      ${provider} does not answer as it should. That often passes by itself: it is tried again and
      again, and there is nothing you need to do.
    </p>`;
  }
  if (cause === undefined) return undefined;
  const needsConnecting =
    status === 'ERROR' || connection.health === 'dead' || connection.health === 'new';
  const what = standing === 'unconnected' ? 'Connect' : 'Reconnect';
  const remedy = !needsConnecting
    ? ''
    : reconnectPath === undefined
      ? `Go to ${appName} to connect it again.`
      : status === 'DISABLED'
        ? `It has to be connected again too: reconnecting switches it on.`
        : `${what} it, and the rest happens by itself.`;
  return html`<p class="why">${foreign(causeSentence(cause, { provider, appName }))} ${remedy}</p>`;
}

function facts(
  { since, lastSuccessAt }: ConnectionView,
  label: string,
  accounts: readonly string[],
): Html {
  return html`<dl class="facts">
    ${
      accounts.length === 0
        ? undefined
        : html`<div>
            <dt>Account</dt>
            ${accounts.map((account) => html`<dd>${foreign(account)}</dd>`)}
          </div>`
    }
    <div>
      <dt>${label}</dt>
      <dd>${time(since)}</dd>
    </div>
    <div>
      <dt>Last success</dt>
      <dd>${lastSuccessAt === undefined ? 'None yet' : time(lastSuccessAt)}</dd>
    </div>
  </dl>`;
}

function permissions({ id, provider, name, permissions }: ConnectionView): Html | undefined {
  if (permissions.length === 0) return undefined;
  return html`<details id="${id}-permissions">
    <summary>
      ${icon('more')}Permissions<span class="unseen"> of ${provider}, ${name}</span>
    </summary>
    <ul class="quiet">
      ${permissions.map((permission) => html`<li>${foreign(permission)}</li>`)}
    </ul>
  </details>`;
}

const tones = { ENABLED: 'ok', ERROR: 'warn', DISABLED: 'off' } as const;

function history({ id, provider, name, history }: ConnectionView, appName: string): Html {
  return html`<details id="${id}-history">
    <summary>${icon('more')}History<span class="unseen"> of ${provider}, ${name}</span></summary>
    <ol class="history">
      ${history.map(
        (change) =>
          html`<li class="${tones[change.to]}">
            ${foreign(changeSentence(change, { provider, appName }))} ${time(change.at)}
          </li>`,
      )}
    </ol>
  </details>`;
}
