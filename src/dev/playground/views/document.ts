import { type Html, html } from '../../../web/document/html';

export interface Document {
  title: string;
  content: Html;
  /** A page with one thing to do. */
  narrow?: boolean;
  /** Keeps its live part up to date. */
  live?: boolean;
  /** Origins that the page's forms may lead to, beside its own: Chromium checks redirects too. */
  formOrigins?: readonly string[];
}

export function documentText({ title, content, narrow, live }: Document): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="stylesheet" href="/style.css" />
        ${live === true ? html`<script src="/live.js" defer></script>` : undefined}
      </head>
      <body>
        <main class="${narrow === true ? 'narrow' : 'wide'}">${content}</main>
      </body>
    </html>`.text;
}

/** Nothing from elsewhere, nothing inline, no frame. */
export function documentHeaders({ formOrigins = [] }: Document): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    ["form-action 'self'", ...formOrigins].join(' '),
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    // Under `no-referrer` a form is sent with `Origin: null`.
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
}
