import { Html, html } from './html';
import { style, styleSource } from './style';

/** What a person sees, and the HTTP status that goes with it. */
export interface Page {
  status: number;
  title: string;
  content: Html;
  /** Where the page's form may lead, redirects included: Chromium checks each of them. */
  formAction?: string;
  /** Default `no-referrer`, under which a form is sent with `Origin: null`. */
  referrerPolicy?: 'same-origin';
}

const styleElement = new Html(`<style>${style}</style>`);

/** A whole document. */
export function pageText({ title, content }: Page): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        ${styleElement}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html>`.text;
}

/** Nothing may be loaded, framed or kept. */
export function pageHeaders({ formAction, referrerPolicy }: Page): Record<string, string> {
  const policy = {
    'default-src': "'none'",
    'style-src': styleSource,
    'base-uri': "'none'",
    'form-action': formAction ?? "'none'",
    'frame-ancestors': "'none'",
  };
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': Object.entries(policy)
      .map((directive) => directive.join(' '))
      .join('; '),
    'referrer-policy': referrerPolicy ?? 'no-referrer',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}
