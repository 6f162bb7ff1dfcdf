import { type Html, html } from '../../../web/document/html';
import type { ConnectionView } from '../connections';
import type { IntegrationAnswer } from '../holdfast-schemas';

/** One integration: what Holdfast says of it, and what can be done. */
export function connectionCard({ connection, integration, problem }: ConnectionView): Html {
  const { integrationId, name } = connection;
  const button = (action: string, label: string, fields: Html, plain = true) =>
    html`<form method="post" action="${action}">
      <input type="hidden" name="integration" value="${integrationId}" />
      ${fields}
      <button id="${label}-${integrationId}" class="${plain ? 'plain' : 'main'}">${label}</button>
    </form>`;
  const count = (number: number) => html`<input type="hidden" name="count" value="${number}" />`;
  return html`<section>
    <div class="row">
      <h2>${name}</h2>
      ${
        integration === undefined
          ? html`<span class="status off">unknown</span>`
          : html`<span class="status ${integration.status}">${integration.status}</span>`
      }
      <span class="quiet">${integrationId}</span>
    </div>
    ${integration === undefined ? html`<p>${problem}</p>` : facts(integration)}
    <div class="row">
      ${button('/send', 'Send one webhook', count(1))}
      ${button('/send', 'Send ten webhooks', count(10))}
      ${button(
        '/reconnect',
        integration?.reason?.code === 'not_connected' ? 'Connect' : 'Reconnect',
        html``,
        integration?.status !== 'ERROR',
      )}
    </div>
  </section>`;
}

function facts({ reason, inbox, credentials }: IntegrationAnswer): Html {
  const counted = `${inbox.handled} handled, ${inbox.pending} waiting, ${inbox.failed} set aside`;
  const held = credentials.map(
    ({ name, accountId, version, state, expiresAt }) =>
      html`<p class="quiet">
        Credential ${name}: ${state}${accountId === null ? '' : `, account ${accountId}`}, version
        ${version}${expiresAt === null ? '' : `, access token until ${clock(expiresAt)}`}
      </p>`,
  );
  return html`${reason === null ? undefined : html`<p><b>${reason.code}</b>: ${reason.message}</p>`}
    <p>Webhooks: ${counted}</p>
    ${held}`;
}

/** The time of day, UTC. */
export const clock = (time: string): string => time.slice(11, 19);
