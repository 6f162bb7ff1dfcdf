import type { SessionScope } from '../../db/queries/people/sessions';
import { mayDo } from '../../live/session-scope';
import type { ConnectionView } from './connection-view';
import { askButton, askDialog, doButton } from '../document/controls';
import { html, type Html } from '../document/html';
import { standingOf } from '../words/standing';
import { beforeSwitchingOff, howMany } from '../words/webhooks';

interface Whose {
  basePath: string;
  userId: string;
  scope: SessionScope;
  appName: string;
}

/** What a person can do about a connection, the most useful first. */
export function connectionActions(connection: ConnectionView, whose: Whose): Html {
  const { id, name, provider, ending } = connection;
  const reconnectPath = ending?.reconnectPath ?? connection.reconnectPath;
  const about = `${provider}, ${name}`;
  const standing = standingOf(connection);
  const isOff = standing === 'off';
  const needsPerson = connection.health === 'dead' || connection.health === 'new';
  const mustConnect = standing === 'broken' || standing === 'unconnected' || (isOff && needsPerson);
  const connects = (mustConnect || ending !== undefined) && reconnectPath !== undefined;
  const maySwitch = mayDo(whose.scope, 'manage');
  const mayDelete = mayDo(whose.scope, 'delete');
  return html`<div class="actions">
      ${
        connects
          ? html`<a class="act main" id="${id}-connect" href="${reconnectPath}"
              >${standing === 'unconnected' ? 'Connect' : 'Reconnect'}<span class="unseen">
                ${about}</span
              ></a
            >`
          : undefined
      }
      ${maySwitch ? (isOff ? (connects ? undefined : switchOn(connection, whose)) : askButton({ id: `${id}-off`, label: 'Switch off', about, look: 'plain' })) : undefined}
      ${mayDelete ? askButton({ id: `${id}-drop`, label: 'Disconnect', about, look: 'danger' }) : undefined}
    </div>
    ${maySwitch && !isOff ? switchOff(connection, whose) : undefined}
    ${mayDelete ? disconnect(connection, whose) : undefined}`;
}

const pathOf = ({ basePath, userId }: Whose, name: string) =>
  `${basePath}/api/users/${encodeURIComponent(userId)}/connectors/${encodeURIComponent(name)}`;

function switchOn({ id, name, provider }: ConnectionView, whose: Whose): Html {
  return doButton(
    { id: `${id}-on`, label: 'Switch on', about: `${provider}, ${name}`, look: 'main' },
    {
      method: 'POST',
      path: `${pathOf(whose, name)}/enable`,
      doing: 'Switching on…',
      done: `${provider} (${name}) was switched on.`,
    },
  );
}

function switchOff({ id, name, provider, webhooks }: ConnectionView, whose: Whose): Html {
  const act = doButton(
    { id: `${id}-off-now`, label: 'Switch off', look: 'main' },
    {
      method: 'POST',
      path: `${pathOf(whose, name)}/disable`,
      doing: 'Switching off…',
      done: `${provider} (${name}) is switched off.`,
    },
  );
  const waiting =
    webhooks.pending === 0
      ? undefined
      : html`<p>The ${howMany(webhooks)} that wait already stay until then.</p>`;
  return askDialog(
    {
      opener: `${id}-off`,
      title: `Switch off ${provider} (${name})?`,
      content: html`<p>${beforeSwitchingOff(webhooks)}</p>
        ${waiting}`,
      cancel: 'Leave it on',
    },
    act,
  );
}

function disconnect(connection: ConnectionView, whose: Whose): Html {
  const { appName } = whose;
  const { id, name, provider, accounts, webhooks } = connection;
  const act = doButton(
    { id: `${id}-drop-now`, label: 'Disconnect', look: 'danger' },
    {
      method: 'DELETE',
      path: pathOf(whose, name),
      doing: 'Disconnecting…',
      done: `${provider} (${name}) was disconnected.`,
    },
  );
  const account =
    accounts.length === 0 ? html`your account` : html`<bdi>${accounts.join(', ')}</bdi>`;
  return askDialog(
    {
      opener: `${id}-drop`,
      title: `Disconnect ${provider} (${name})?`,
      content: html`<p>This can't be undone. These are deleted:</p>
        <ul>
          <li>
            the connection, and its access to ${account} at ${provider} unless another connection
            uses it too
          </li>
          ${
            webhooks.pending === 0
              ? undefined
              : html`<li><strong>${howMany(webhooks)}</strong> that wait to be handled</li>`
          }
          <li>its history</li>
        </ul>
        <p>
          ${provider}'s webhooks are refused from then on. To use it again, add it in ${appName}.
        </p>`,
      cancel: 'Keep it',
    },
    act,
  );
}
