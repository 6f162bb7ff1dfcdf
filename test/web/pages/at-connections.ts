import type { Locator, Page } from 'playwright-core';
import type { Browser, PageOptions } from '../../support/browser/browser';
import type { Scene } from '../../support/scenes/scene';
import { signIn } from '../../support/browser/sign-in';

/** A person's connections page, in a browser of its own, alive. */
export async function atConnections(
  browser: Browser,
  scene: Scene,
  userId: string,
  options: PageOptions & { returnTo?: string } = {},
): Promise<Page> {
  const { returnTo, ...pageOptions } = options;
  const page = await browser.newPage(pageOptions);
  page.setDefaultTimeout(20_000);
  await signIn(page, scene, userId, returnTo === undefined ? {} : { returnTo });
  if (pageOptions.javaScriptEnabled !== false) await neverReloaded(page);
  return page;
}

/** Marks the document, so that it can be told from one that was loaded again. */
async function neverReloaded(page: Page): Promise<void> {
  await page.evaluate(`document.documentElement.dataset.first = 'yes'`);
}

export const isTheFirst = (page: Page): Promise<boolean> =>
  page.evaluate<boolean>(`document.documentElement.dataset.first === 'yes'`);

/** The card of the connection of that name. */
export const card = (page: Page, name: string): Locator =>
  page.locator('.card').filter({ has: page.getByText(name, { exact: true }) });

/** The words that somebody without eyes hears of what has the focus. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate<string>(`document.activeElement.textContent.replace(/\\s+/g, ' ').trim()`);

/** Opens a connection's row, with all that is behind it. */
export async function unfold(page: Page, name: string): Promise<void> {
  const folded = card(page, name).locator('details:not([open]) > summary');
  while ((await folded.count()) > 0) await folded.first().click();
}

export async function unfoldAll(page: Page): Promise<void> {
  const folded = page.locator('.card details:not([open]) > summary').filter({ visible: true });
  while ((await folded.count()) > 0) await folded.first().click();
}
