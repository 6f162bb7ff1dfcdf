import type { SessionScope } from '../../db/queries/people/sessions';
import { mayDo } from '../../live/session-scope';
import type { ConnectionView, HoldView } from './connection-view';
import { html, type Html } from '../document/html';
import { time } from '../document/time';
import { causeSentence } from '../words/causes';
import { heardAs } from '../words/names';
import { looks, standingOf } from '../words/standing';
import { updateSentence } from '../words/updates';

interface Around {
  appName: string;
  scope: SessionScope;
  hold: HoldView | undefined;
}

/** What is wrong with a connection, what that means for its updates, and the one thing that mends it. */
export function connectionMending(connection: ConnectionView, around: Around): Html {
  const { id, provider, status, ending, updates, failing } = connection;
  const { appName, hold } = around;
  const standing = standingOf(connection);
  const isNew = standing === 'unconnected';
  const path = ending?.reconnectPath ?? connection.reconnectPath;
  const offers = mustConnect(connection) || ending !== undefined;
  const sentence = updateSentence(updates, {
    ...{ provider, appName, status, hold },
    mend: isNew ? 'connect' : 'reconnect',
    failing,
  });
  return html`<div class="mend ${looks[standing].isOpen ? 'due' : ''}">
    <div class="sure">
      ${why(connection, around)}
      <p class="hooks">
        ${sentence}
        ${failing?.nextAttemptAt === undefined || status !== 'ENABLED' || hold !== undefined ? undefined : html`Next attempt: ${time(failing.nextAttemptAt)}.`}
      </p>
    </div>
    ${
      offers && path !== undefined
        ? html`<p class="actions">
            <a class="act main" id="${id}-connect" href="${path}"
              >${isNew ? 'Connect' : 'Reconnect'}<span class="unseen">
                ${heardAs(connection)}</span
              ></a
            >
          </p>`
        : undefined
    }
  </div>`;
}

/** Only its person can make it work again. */
export const mustConnect = ({ status, health }: ConnectionView): boolean =>
  status === 'ERROR' || (status === 'DISABLED' && (health === 'dead' || health === 'new'));

/** Its state says all: it was never connected, and needs one account. */
const isPlainlyNew = (connection: ConnectionView): boolean =>
  standingOf(connection) === 'unconnected' &&
  connection.cause?.credential === undefined &&
  connection.reconnectPath !== undefined;

function why(connection: ConnectionView, { appName, scope }: Around): Html | undefined {
  const { provider, cause, ending, status } = connection;
  if (ending !== undefined) {
    return html`<p class="why">
      <bdi>${provider}</bdi> ends this connection on ${time(ending.at)}. Reconnect
      <bdi>${provider}</bdi> before that, and nothing stops.
    </p>`;
  }
  if (standingOf(connection) === 'troubled') {
    return html`<p class="why">
      <bdi>${provider}</bdi> does not answer as usual. That often passes by itself:
      <bdi>${provider}</bdi> is asked again and again, and there is nothing you need to do.
    </p>`;
  }
  if (cause === undefined || isPlainlyNew(connection)) return undefined;
  const sentence = causeSentence(cause, { provider, appName });
  const remedy = !mustConnect(connection)
    ? ''
    : connection.reconnectPath === undefined
      ? `Go to ${appName} to connect ${provider} again.`
      : status === 'DISABLED'
        ? `${provider} has to be connected again too: ${
            connection.reconnectSwitchesOn
              ? 'reconnecting switches the connection on.'
              : `it stays off until ${mayDo(scope, 'manage') ? 'you switch it on here' : `${appName} switches it on`} afterwards.`
          }`
        : '';
  return html`<p class="why"><bdi>${sentence}</bdi> ${remedy}</p>`;
}
