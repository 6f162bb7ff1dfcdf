import { mustConnect } from './connection-mending';
import type { SessionScope } from '../../db/queries/people/sessions';
import { mayDo } from '../../live/session-scope';
import type { ConnectionView } from './connection-view';
import { askButton, askDialog, doButton } from '../document/controls';
import { html, type Html } from '../document/html';
import { calledAs, heardAs } from '../words/names';
import { standingOf } from '../words/standing';
import { beforeSwitchingOff, howMany } from '../words/updates';

export interface Whose {
  basePath: string;
  userId: string;
  appName: string;
  scope: SessionScope;
}

/** What a person can change about a connection, as far as their session lets them. */
export function connectionActions(connection: ConnectionView, whose: Whose): Html | undefined {
  const { id } = connection;
  if (!mayDo(whose.scope, 'manage')) return undefined;
  const about = heardAs(connection);
  const isOff = standingOf(connection) === 'off';
  const drops = mayDo(whose.scope, 'delete');
  const connects = mustConnect(connection) && connection.reconnectPath !== undefined;
  return html`<div class="actions">
      ${isOff ? (connects ? undefined : switchOn(connection, whose)) : askButton({ id: `${id}-off`, label: 'Switch off', about, look: 'plain' })}
      ${drops ? askButton({ id: `${id}-drop`, label: 'Disconnect', about, look: 'danger' }) : undefined}
    </div>
    ${isOff ? undefined : switchOff(connection, whose)}
    ${drops ? disconnect(connection, whose) : undefined}`;
}

const pathOf = ({ basePath, userId }: Whose, name: string) =>
  `${basePath}/api/users/${encodeURIComponent(userId)}/connectors/${encodeURIComponent(name)}`;

function switchOn(connection: ConnectionView, whose: Whose): Html {
  const { id, name } = connection;
  return doButton(
    { id: `${id}-on`, label: 'Switch on', about: heardAs(connection), look: 'main' },
    {
      method: 'POST',
      path: `${pathOf(whose, name)}/enable`,
      doing: 'Switching on…',
      done: `${calledAs(connection)} was switched on.`,
    },
  );
}

function switchOff(connection: ConnectionView, whose: Whose): Html {
  const { id, name, updates } = connection;
  const act = doButton(
    { id: `${id}-off-now`, label: 'Switch off', look: 'sober' },
    {
      method: 'POST',
      path: `${pathOf(whose, name)}/disable`,
      doing: 'Switching off…',
      done: `${calledAs(connection)} is switched off.`,
    },
  );
  const waiting =
    updates.pending === 0
      ? undefined
      : html`<p>The ${howMany(updates)} that wait already stay until then.</p>`;
  return askDialog(
    {
      opener: `${id}-off`,
      title: `Switch off ${calledAs(connection)}?`,
      content: html`<p>${beforeSwitchingOff(updates, connection)}</p>
        ${waiting}`,
      cancel: 'Leave it on',
    },
    act,
  );
}

function disconnect(connection: ConnectionView, whose: Whose): Html {
  const { appName } = whose;
  const { id, name, provider, accounts, updates } = connection;
  const act = doButton(
    { id: `${id}-drop-now`, label: 'Disconnect', look: 'danger' },
    {
      method: 'DELETE',
      path: pathOf(whose, name),
      doing: 'Disconnecting…',
      done: `${calledAs(connection)} was disconnected.`,
    },
  );
  const account =
    accounts.length === 0 ? html`your account` : html`<bdi>${accounts.join(', ')}</bdi>`;
  return askDialog(
    {
      opener: `${id}-drop`,
      title: `Disconnect ${calledAs(connection)}?`,
      content: html`<p>This can't be undone. These are deleted:</p>
        <ul>
          <li>
            the connection, and its access to ${account} at ${provider} unless another connection
            uses it too
          </li>
          ${
            updates.pending === 0
              ? undefined
              : html`<li><strong>${howMany(updates)}</strong> that wait to be handled</li>`
          }
          <li>its history</li>
        </ul>
        <p>
          Updates from ${provider} are refused from then on. To use ${provider} again, add a
          connection in ${appName}.
        </p>`,
      cancel: 'Keep it',
    },
    act,
  );
}
