import { type Html, html } from '../../../web/document/html';
import type { Arrival } from '../application';
import type { Grant } from '../state';
import type { Sent } from '../sender';
import { clock } from './connection-card';

const rowsShown = 30;

function table(titles: readonly string[], rows: readonly Html[], empty: string): Html {
  if (rows.length === 0) return html`<p class="quiet">${empty}</p>`;
  return html`<table>
    <thead>
      <tr>
        ${titles.map((title) => html`<th>${title}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

export function grantTable(grants: readonly Grant[]): Html {
  const rows = grants.map(
    (grant) =>
      html`<tr>
        <td>${grant.account}</td>
        <td>${clock(grant.createdAt)}</td>
        <td>
          ${grant.generation}${grant.refreshedAt === null ? '' : `, last ${clock(grant.refreshedAt)}`}
        </td>
        <td>
          ${
            grant.revokedAt === null
              ? html`<form method="post" action="/revoke">
                  <input type="hidden" name="grant" value="${grant.id}" />
                  <button id="revoke-${grant.id}" class="plain">Revoke</button>
                </form>`
              : html`<span class="bad">ended ${clock(grant.revokedAt)}</span>
                  <span class="quiet">${grant.revokedBecause ?? ''}</span>`
          }
        </td>
      </tr>`,
  );
  return table(['Account', 'Given', 'Refreshes', ''], rows, 'Nobody has agreed to anything yet.');
}

type NameOf = (integrationId: string) => string;

export function sentTable(sent: readonly Sent[], nameOf: NameOf): Html {
  const rows = sent.slice(0, rowsShown).map(
    (one) =>
      html`<tr>
        <td>${one.number}</td>
        <td>${nameOf(one.integrationId)}</td>
        <td>${clock(one.at)}</td>
        <td class="${one.status === 202 ? 'good' : 'bad'}">${one.status ?? ''} ${one.outcome}</td>
      </tr>`,
  );
  return table(['Number', 'To', 'At', 'Answer'], rows, 'Nothing was sent yet.');
}

const meanings: Record<number, string> = {
  200: 'handled',
  401: 'not genuine',
  424: 'token refused',
  503: 'later, please',
};

/** Newest first, as the list of what was sent. */
export function arrivalTable(arrivals: readonly Arrival[], nameOf: NameOf): Html {
  const rows = arrivals
    .slice(-rowsShown)
    .reverse()
    .map(
      (one) =>
        html`<tr>
          <td>${one.number ?? '–'}</td>
          <td>${nameOf(one.integrationId)}</td>
          <td>${one.sequence}</td>
          <td>${one.attempt}</td>
          <td>${clock(one.at)}</td>
          <td class="${one.answer === 200 ? 'good' : 'bad'}">
            ${one.answer} ${meanings[one.answer] ?? ''}${one.repeated ? ', again' : ''}
          </td>
        </tr>`,
    );
  const titles = ['Number', 'For', 'Sequence', 'Attempt', 'At', 'Answered'];
  return table(titles, rows, 'Nothing has arrived yet.');
}
