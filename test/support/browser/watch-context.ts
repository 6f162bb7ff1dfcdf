import type { BrowserContext } from 'playwright-core';

/**
 * Notes what should never happen in a page: errors on its console (violations of the content
 * security policy are among them), uncaught errors, and requests that would leave this machine.
 * @param isLocal whether that host leads here
 */
export function watchContext(
  context: BrowserContext,
  isLocal: (hostname: string) => boolean,
  note: (problem: string) => void,
): void {
  context.on('console', (message) => {
    if (message.type() !== 'error') return;
    const { url } = message.location();
    note(`console of ${message.page()?.url() ?? url}: ${message.text()} (${url})`);
  });
  context.on('weberror', (webError) => {
    note(`uncaught in ${webError.page()?.url() ?? 'a page'}: ${String(webError.error())}`);
  });
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (/^(https?|wss?):$/.test(protocol) && !isLocal(hostname)) {
      note(`a request to another machine: ${request.method()} ${request.url()}`);
    }
  });
}
