import { Html, html } from './html';
import type { Brand } from './brand';

/** What a person sees, and the HTTP status that goes with it. */
export interface Page {
  status: number;
  title: string;
  content: Html;
  /** In place of the title alone, as the page's first heading. */
  heading?: Html;
  /** `wide` for lists; default a sheet for one thing to say. */
  layout?: 'sheet' | 'wide';
  /** Where the page's form may lead, redirects included: Chromium checks each of them. */
  formAction?: string;
  /** https addresses of images on it, beside the application's logo. */
  images?: readonly string[];
  /** The path of its module. */
  script?: string;
  /** Origins whose pages may frame it; default none. */
  frameAncestors?: readonly string[];
  /** An address of ours that it leads to by itself, at once; no step back in the browser ends on it then. */
  goesTo?: string;
  /** Default `no-referrer`, under which a form is sent with `Origin: null`. */
  referrerPolicy?: 'same-origin';
}

/**
 * For a page whose form leads to a provider: they send on to hosts of their own choice, and Chromium blocks a redirect
 * that isn't listed.
 */
export const leadsOut = (plainHttp: boolean): Pick<Page, 'formAction' | 'referrerPolicy'> => ({
  formAction: plainHttp ? "'self' https: http:" : "'self' https:",
  referrerPolicy: 'same-origin',
});

/** A list's templates would make a third of it indentation. */
const unindented = ({ text }: Html): Html => new Html(text.replace(/\n\s+/g, '\n'));

/** A whole document. */
export function pageText(page: Page, brand: Brand): string {
  const { title, content, heading, layout = 'sheet', script, goesTo } = page;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        ${goesTo === undefined ? undefined : html`<meta http-equiv="refresh" content="0;url=${goesTo}" />`}
        <title>${title}</title>
        ${new Html(`<style>${brand.style}</style>`)}
        ${script === undefined ? undefined : html`<script type="module" src="${script}"></script>`}
      </head>
      <body>
        <main class="${layout}">
          ${logo(brand)}${heading ?? html`<h1>${title}</h1>`} ${unindented(content)}
        </main>
      </body>
    </html>`.text;
}

/** As high as a line or two, however large it is. */
const logo = ({ logoUrl, appName }: Brand): Html | undefined =>
  logoUrl === undefined
    ? undefined
    : html`<img
        class="app"
        src="${logoUrl}"
        alt="${appName}"
        height="28"
        referrerpolicy="no-referrer"
      />`;
