import { connectionActions, type Whose } from './connection-actions';
import type { ConnectionView } from './connection-view';
import { html, type Html } from '../document/html';
import { time } from '../document/time';
import { changeSentence } from '../words/causes';
import { looks, standingOf } from '../words/standing';

/** All the rest about a connection: facts, permissions, history, and what can be changed. */
export const connectionDetail = (connection: ConnectionView, whose: Whose): Html =>
  html`<div class="detail">
    <div class="sure">${facts(connection)}</div>
    ${history(connection, whose.appName)} ${connectionActions(connection, whose)}
  </div>`;

const foreign = (text: string): Html => html`<bdi>${text}</bdi>`;

const fact = (name: string, ...values: Html[]): Html =>
  html`<div>
    <dt>${name}</dt>
    ${values.map((value) => html`<dd>${value}</dd>`)}
  </div>`;

function facts(connection: ConnectionView): Html {
  const { name, nameBeside, since, lastSuccessAt, lastUpdateAt } = connection;
  const { accounts, permissions, asked } = connection;
  const standing = standingOf(connection);
  const isNew = standing === 'unconnected';
  const granted = permissions.length === 0 ? asked : permissions;
  return html`<dl class="facts">
    ${nameBeside === undefined ? undefined : fact('Name', foreign(name))}
    ${accounts.length === 0 ? undefined : fact('Account', ...accounts.map(foreign))}
    ${fact(looks[standing].since, time(since))}
    ${isNew ? undefined : fact('Last update', lastUpdateAt === undefined ? html`None lately` : time(lastUpdateAt))}
    ${lastSuccessAt === undefined ? undefined : fact('Last accepted', time(lastSuccessAt))}
    ${
      granted.length === 0
        ? undefined
        : fact(
            granted === permissions ? 'Permissions' : 'Asked for',
            ...granted.map((permission) => foreign(permission)),
          )
    }
  </dl>`;
}

const tones = { ENABLED: 'ok', ERROR: 'warn', DISABLED: 'off' } as const;

function history({ provider, history }: ConnectionView, appName: string): Html {
  return html`<div class="past">
    <h3>History<span class="unseen"> of ${provider}</span></h3>
    <ol class="history">
      ${history.map(
        (change) =>
          html`<li class="${tones[change.to]}">
            ${foreign(changeSentence(change, { provider, appName }))} ${time(change.at)}
          </li>`,
      )}
    </ol>
  </div>`;
}
