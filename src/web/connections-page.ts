import { html } from './html';
import type { Page } from './page';

export interface ConnectionView {
  name: string;
  /** The provider's label. */
  provider: string;
  standing: 'working' | 'troubled' | 'off' | 'broken';
  /** Where to reconnect; only for a provider that people can connect. */
  reconnectUrl: string | undefined;
}

const sentences: Record<ConnectionView['standing'], string> = {
  working: 'Working.',
  troubled: 'Having trouble that may pass by itself.',
  off: 'Switched off.',
  broken: 'Not working: it has to be connected again.',
};

/** What a signed-in person has. */
export function connectionsPage(person: string, connections: readonly ConnectionView[]): Page {
  return {
    status: 200,
    title: 'Your connections',
    content: html`<p class="quiet">Signed in as ${person}.</p>
      ${connections.length === 0 ? html`<p>There are none yet.</p>` : undefined}
      <ul>
        ${connections.map(
          ({ name, provider, standing, reconnectUrl }) =>
            html`<li>
              <p><strong>${name}</strong> (${provider}). ${sentences[standing]}</p>
              ${
                standing === 'broken' && reconnectUrl !== undefined
                  ? html`<p><a class="act" href="${reconnectUrl}">Connect</a></p>`
                  : undefined
              }
            </li>`,
        )}
      </ul>`,
  };
}
