import type { Page } from 'playwright-core';

/** A person comes back from the provider, and says that it is the right account, where the page asks. */
export async function confirmAccount(page: Page): Promise<void> {
  await page.waitForURL(/\/oauth\/[^/]+\/(callback|confirm)/, { waitUntil: 'load' });
  const connect = page.getByRole('button', { name: 'Connect', exact: true });
  if ((await connect.count()) === 0) return;
  await connect.click();
  await connect.waitFor({ state: 'detached' });
}
