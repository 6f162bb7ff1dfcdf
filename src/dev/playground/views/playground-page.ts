import { type Html, html } from '../../../web/document/html';
import type { Arrival } from '../application';
import type { ConnectionView } from '../connections';
import type { Sent } from '../sender';
import type { Grant } from '../state';
import { connectionCard } from './connection-card';
import type { Document } from './document';
import { arrivalTable, grantTable, sentTable } from './tables';

export interface PlaygroundView {
  connections: readonly ConnectionView[];
  grants: readonly Grant[];
  /** Newest first. */
  sent: readonly Sent[];
  /** Oldest first. */
  received: readonly Arrival[];
}

export function playgroundPage(view: PlaygroundView, holdfastOrigin: string): Document {
  return {
    title: 'Playground',
    live: true,
    formOrigins: [holdfastOrigin],
    content: html`<h1>Playground</h1>
      <p class="quiet">
        A provider that sends webhooks, and an application that handles them with a token from
        Holdfast, both on this machine. Connect, send, revoke, send again, reconnect. Times are UTC.
      </p>
      <section>
        <form method="post" action="/connect" class="row">
          <label for="name">A new connection, named</label>
          <input
            id="name"
            name="name"
            value="contacts${view.connections.length === 0 ? '' : `-${view.connections.length + 1}`}"
            required
            maxlength="60"
            pattern="[A-Za-z0-9][A-Za-z0-9._@\\-]*"
          />
          <button>Connect</button>
        </form>
      </section>
      <div id="live">${livePart(view)}</div>`,
  };
}

/** What changes by itself. */
export function livePart({ connections, grants, sent, received }: PlaygroundView): Html {
  const names = new Map(
    connections.map(({ connection }) => [connection.integrationId, connection.name]),
  );
  const nameOf = (id: string) => names.get(id) ?? 'deleted';
  return html`${connections.map(connectionCard)}
    <section>
      <h2>The provider: who let Holdfast in</h2>
      ${grantTable(grants)}
    </section>
    <div class="pair">
      <section>
        <h2>The provider: webhooks sent</h2>
        ${sentTable(sent, nameOf)}
      </section>
      <section>
        <h2>The application: webhooks received</h2>
        ${arrivalTable(received, nameOf)}
      </section>
    </div>`;
}
