import { html, Html } from '../document/html';
import type { Page } from '../document/page';

/** A link that leads out of the page, its address checked. */
export interface Way {
  href: string;
  label: string;
}

/** The first one is what most people want next. Out of a frame, too, where the page is in one. */
export function waysOut(...ways: (Way | undefined)[]): Html {
  const known = ways.filter((way) => way !== undefined);
  if (known.length === 0) return html`<p class="quiet">You can close this page.</p>`;
  const links = known.map(
    ({ href, label }, index) =>
      html`<a class="act ${index === 0 ? 'main' : 'plain'}" href="${href}" target="_top"
        >${label}</a
      > `,
  );
  return html`<div class="actions">${links}</div>`;
}

/** A page that says one thing and where to go from there. */
export function messagePage(
  status: number,
  title: string,
  text: string | Html,
  ...ways: (Way | undefined)[]
): Page {
  return {
    status,
    title,
    content: html`${text instanceof Html ? text : html`<p>${text}</p>`} ${waysOut(...ways)}`,
  };
}
