import { Html, html } from './html';
import { style, styleSource } from './style';

const styleElement = new Html(`<style>${style}</style>`);

/** A whole page as text. */
export function page(title: string, content: Html): string {
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

/**
 * Headers of every page. Nothing may be loaded, framed or kept.
 *
 * @param formAction where a form may lead, redirects included: Chromium checks each of them
 */
export function pageHeaders(formAction = "'none'"): Record<string, string> {
  const policy = {
    'default-src': "'none'",
    'style-src': styleSource,
    'base-uri': "'none'",
    'form-action': formAction,
    'frame-ancestors': "'none'",
  };
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': Object.entries(policy)
      .map((directive) => directive.join(' '))
      .join('; '),
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}
