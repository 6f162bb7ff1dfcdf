import type { Page } from 'playwright-core';
import { startPeopleScene } from '../../system/people/people';
import { type Browser, startBrowser } from '../../support/browser/browser';
import { insertIntegrations, sql } from '../../support/scenes/rows';
import type { Scene } from '../../support/scenes/scene';
import { signIn } from '../../support/browser/sign-in';
import { atConnections, card, unfold, unfoldAll } from './at-connections';

let scene: Scene;
let browser: Browser;
beforeAll(async () => {
  scene = await startPeopleScene({
    declare: () => ({ label: 'Acme <i>&' }),
    config: { appName: 'Example', allowedOrigins: ['http://app.test'] },
  });
  browser = await startBrowser();
}, 120_000);
afterEach(() => expect(browser.takeProblems()).toEqual([]));
afterAll(async () => {
  await browser.close();
  await scene.close();
});
jest.setTimeout(90_000);

const attack = `"'><img src=x onerror="document.documentElement.dataset.pwned=1"><script>document.documentElement.dataset.pwned=1</script>`;
const long = 'W'.repeat(300);
const odd = `\u202Eback مرحبا بالعالم ${'👩‍👩‍👧‍👦'.repeat(8)} ${long}`;

test.each([
  ['markup', attack],
  ['text of every kind', odd],
])('%s in names, accounts and reasons stays text, and fits on 320 px', async (_what, text) => {
  const userId = `odd-${text.length}`;
  const { id } = await scene.connect({ userId, name: 'contacts' });
  await scene.connect({ userId, name: 'N'.repeat(128), credentials: {} });
  const { system } = scene;
  await system.api('POST', `/v1/integrations/${id}/disable`, { reason: text });
  await system.pool.query(
    `UPDATE credentials SET account_label = $1 FROM integration_credentials l
     WHERE l.credential_id = credentials.id AND l.integration_id = $2`,
    [text, id],
  );
  // No API takes such a name; what stands in the row is shown as text all the same.
  await system.pool.query('UPDATE integrations SET name = $1 WHERE id = $2', [text, id]);
  await system.api('PUT', `/api/users/${userId}/pause`, { paused: true, reason: text });
  const viewport = { width: 320, height: 640 };
  const page = await atConnections(browser, scene, userId, { viewport });
  await page.locator('.card').nth(1).waitFor();
  await unfoldAll(page);
  await page.getByText('Switched off by Example.').first().waitFor();
  for (const opener of await page.locator('[data-opens]').all()) {
    await opener.click();
    expect(await overflow(page)).toEqual([]);
    await page.keyboard.press('Escape');
  }
  expect(await overflow(page)).toEqual([]);
  expect(await page.evaluate(`document.documentElement.dataset.pwned`)).toBeUndefined();
  expect(await page.locator('main img, main script, main i').count()).toBe(0);
});

/** What reaches out of the window on its right. */
const overflow = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(`[
    ...(document.documentElement.scrollWidth > innerWidth ? ['the page scrolls'] : []),
    ...[...document.querySelectorAll('main *, dialog[open] *')]
      .filter((one) => !one.closest('.unseen') && one.getBoundingClientRect().right > innerWidth + 1)
      .map((one) => one.outerHTML.slice(0, 80)),
  ]`);

test('where the status can not be read, nothing is said to be so; trying again brings it back', async () => {
  await scene.connect({ userId: 'uma', name: 'contacts' });
  const page = await browser.newPage({ expected: [/Failed to load|net::/] });
  await page.route('**/api/**', (route) => route.abort());
  await signIn(page, scene, 'uma');
  await card(page, 'contacts').getByText('Status unknown').waitFor();
  const status = card(page, 'contacts').locator('.badge').filter({ visible: true });
  expect(await status.allTextContents()).toEqual(['Status unknown']);
  expect(await page.getByText('handled as they arrive').isVisible()).toBe(false);
  const said = page.getByText('The state of your connections is unknown');
  await said.filter({ visible: true }).first().waitFor();
  expect(await page.locator('.notice.lost').isVisible()).toBe(false);
  await page.unrouteAll();
  await page.getByRole('button', { name: 'Try again' }).click();
  await card(page, 'contacts').getByText('Connected', { exact: true }).waitFor();
  expect(await page.getByText('Status unknown').isVisible()).toBe(false);
});

test('where the page alone can not be fetched anew, it says so itself', async () => {
  await scene.connect({ userId: 'una', name: 'contacts' });
  const page = await atConnections(browser, scene, 'una', { expected: [/Failed to load|net::/] });
  await page.getByText('just now').first().waitFor({ state: 'attached' });
  await page.route(
    ({ pathname }) => pathname === '/',
    (route) => route.abort(),
  );
  await scene.system.api('PUT', '/api/users/una/pause', { paused: true });
  await page.getByText('It is unknown how your connections are right now.').waitFor();
  expect(await card(page, 'contacts').getByText('Status unknown').isVisible()).toBe(true);
  await page.unrouteAll();
  await page.getByRole('button', { name: 'Try again' }).click();
  await card(page, 'contacts').getByText('Paused').waitFor();
  expect(await page.getByText('Status unknown').isVisible()).toBe(false);
});

test('whose session has ended is told so, and shown nothing any more', async () => {
  await scene.connect({ userId: 'sid', name: 'contacts' });
  const expected = [/status of 401/];
  const page = await atConnections(browser, scene, 'sid', { expected });
  await scene.system.pool.query(`UPDATE sessions SET expires_at = now() WHERE user_id = 'sid'`);
  await scene.system.api('PUT', '/api/users/sid/pause', { paused: true });
  await page.getByText('You are not signed in here').waitFor();
  expect(await page.locator('.card').count()).toBe(0);
});

test("what is refused is said in the API's own sentence, until something else is", async () => {
  const { id } = await scene.connect({ userId: 'rob', name: 'contacts' });
  const page = await atConnections(browser, scene, 'rob', { expected: [/status of 404/] });
  // It goes away in another tab, in the moment of the click.
  await page.route('**/disable', async (route) => {
    await scene.system.api('DELETE', `/v1/integrations/${id}`);
    await route.continue();
  });
  await unfold(page, 'contacts');
  await page.getByRole('button', { name: /^Switch off/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click();
  await page.getByRole('status').getByText('There is no connection of this name.').waitFor();
  await page.getByText('Nothing connected yet').waitFor();
});

test('without scripts the page shows how things are, leads to Reconnect and says what it can not do', async () => {
  const { id } = await scene.connect({ userId: 'nia', name: 'contacts', credentials: {} });
  const page = await atConnections(browser, scene, 'nia', { javaScriptEnabled: false });
  await card(page, 'contacts').getByText('Not connected yet', { exact: true }).waitFor();
  expect(await page.locator('noscript p').innerText()).toContain("can't pause, switch or");
  expect(await page.locator('holdfast-banner .notice').count()).toBe(0);
  expect(await page.locator('main button:visible').allTextContents()).toEqual([]);
  const link = card(page, 'contacts').getByRole('link', { name: /^Connect/ });
  expect(await link.getAttribute('href')).toBe(`/reconnect/${id}`);
  await link.click();
  // On to the provider, which sends this nobody back.
  await page.waitForURL((url) => url.pathname !== '/');
});

test('a page with ten connections is under 100 KB with all that it loads, and says where it is cut', async () => {
  for (let index = 0; index < 10; index++) {
    await scene.connect({ userId: 'max', name: `connection-${index}` });
  }
  const page = await browser.newPage();
  const sizes = new Map<string, number>();
  page.on('requestfinished', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/')) return;
    void request.sizes().then(
      ({ responseBodySize, responseHeadersSize }) =>
        sizes.set(pathname, responseBodySize + responseHeadersSize),
      () => undefined,
    );
  });
  await signIn(page, scene, 'max');
  await page.getByText('just now').first().waitFor({ state: 'attached' });
  const total = [...sizes].reduce((sum, [, size]) => sum + size, 0);
  expect(sizes.get('/')).toBeGreaterThan(0);
  expect([...sizes.keys()]).toContain('/assets/idiomorph.js');
  expect(total).toBeLessThan(100_000);

  const more = { user_id: 'max', name: sql("'more-' || n") };
  await insertIntegrations(scene.system.pool, 191, more);
  await page.reload();
  expect(await page.locator('.card').count()).toBe(200);
  await page
    .getByText('These are the first 200, broken ones first, then by name. There are')
    .waitFor();
});
