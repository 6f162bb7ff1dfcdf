import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { axeViolations } from '../../support/browser/axe';
import { eventually } from '../../support/eventually';
import { type Stage, startStage, turnstile } from './person-in-browser';
import { reject } from './people';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
}, 120_000);
afterAll(() => stage.close());
afterEach(() => stage.scene.system.api('DELETE', '/v1/hold'));

const longMs = 60_000;
const screenshots = process.env['HOLDFAST_TEST_SCREENSHOTS'];

/** What the person reads, and that everybody can. */
async function looksWell(page: Page, name: string) {
  for (const width of [375, 1280]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height: 700 });
      await page.emulateMedia({ colorScheme });
      expect({ name, width, colorScheme, found: await axeViolations(page) }).toMatchObject({
        found: [],
      });
      if (screenshots === undefined) continue;
      mkdirSync(screenshots, { recursive: true });
      const file = path.join(screenshots, `after-${name}-${width}-${colorScheme}.png`);
      await page.screenshot({ path: file, fullPage: true });
    }
  }
}

const says = (page: Page, text: string) =>
  page.getByRole('status').filter({ hasText: text }).waitFor({ timeout: longMs });

test('after the provider a person sees what was kept being handled, live, and goes back to where they came from', async () => {
  const { scene, appUrl } = stage;
  const integration = await stage.broken(12);
  const answer = turnstile(scene);
  const returnTo = `${appUrl}/settings?tab=crm`;
  const page = await stage.follow(await stage.link(integration, { returnTo }));
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Acme is connected');
  await says(page, '12 updates that arrived meanwhile are being handled.');
  const bar = page.getByRole('progressbar', { name: 'Updates handled' });
  await bar.waitFor();
  const value = () =>
    page.evaluate(`['value', 'max'].map((name) => document.querySelector('progress')[name])`);
  answer(5);
  await eventually(async () => expect(await value()).toEqual([5, 12]), { timeoutMs: longMs });
  expect(await page.getByText('5 of 12 done').isVisible()).toBe(true);
  await looksWell(page, 'handling');

  answer(100);
  await says(page, 'All caught up. Nothing is waiting any more.');
  await page.getByRole('button', { name: 'Stay here' }).click();
  expect(await bar.isVisible()).toBe(false);
  expect(await page.locator('.tick svg').isVisible()).toBe(true);
  await looksWell(page, 'caught-up');
  await page.getByRole('link', { name: 'Back to Example' }).click();
  await page.waitForURL(returnTo);
  // Where the person was is nobody's business there.
  expect(stage.asked.find((one) => one.path === '/settings?tab=crm')?.referer).toBeUndefined();
}, 180_000);

test('without JavaScript the sentence is right, and nothing stands still beside it', async () => {
  const integration = await stage.broken(3);
  const answer = turnstile(stage.scene);
  const url = await stage.link(integration);
  const page = await stage.follow(url, { javaScriptEnabled: false });
  const text = await page.locator('main').innerText();
  expect(text).toContain('3 updates that arrived meanwhile are being handled.');
  expect(text).not.toMatch(/ of 3|Reconnect/);
  expect(await page.getByRole('progressbar').count()).toBe(0);
  answer(100);
}, 120_000);

test('a connection that breaks again meanwhile says so, and is reconnected from there', async () => {
  const { scene } = stage;
  const integration = await stage.broken(4);
  const answer = turnstile(scene);
  const page = await stage.follow(await stage.link(integration));
  await scene.until(integration.id, 'ENABLED');
  await page.getByRole('progressbar').waitFor();
  scene.provider.revokeAll();
  await reject(scene, integration);
  await page
    .getByRole('heading', { name: 'The connection broke again' })
    .waitFor({ timeout: longMs });
  await says(page, '4 updates that arrived meanwhile are kept until it is reconnected.');
  await looksWell(page, 'broke-again');
  answer(100);
  await page.getByRole('link', { name: 'Reconnect' }).click();
  await page.getByText(/being handled|All caught up/).waitFor({ timeout: longMs });
}, 180_000);

test('under a hold the page gives its reason, goes on once it ends, and returns to the application when all is done', async () => {
  const { scene } = stage;
  const integration = await stage.broken(2);
  scene.destination.answer((_request, answer) => void answer.writeHead(204).end());
  await scene.system.api('PUT', '/v1/hold', { reason: 'moving house' });
  const returnTo = `${stage.appUrl}/after-a-hold`;
  const page = await stage.follow(await stage.link(integration, { returnTo }));
  await says(page, 'Everything is paused: “moving house”. 2 updates that arrived');
  await looksWell(page, 'held');
  await scene.system.api('DELETE', '/v1/hold');
  await says(page, 'All caught up');
  // Nobody has asked to stay.
  await page.waitForURL(returnTo);
}, 120_000);

test('when the gateway can not be asked any more, the page does not pretend to know', async () => {
  const integration = await stage.broken(2);
  const answer = turnstile(stage.scene);
  const page = await stage.follow(await stage.link(integration), {
    expected: [/Failed to load resource|net::ERR_/],
  });
  await page.getByRole('progressbar').waitFor();
  await page.context().route('**/api/**', (route) => route.abort());
  await stage.scene.system.pool.query(`SELECT pg_notify('holdfast_live', 'session:user-1')`);
  await page.context().setOffline(true);
  await says(page, 'How far it is can’t be seen at the moment.');
  expect(await page.getByRole('progressbar').count()).toBe(0);
  await page.context().unroute('**/api/**');
  await page.context().setOffline(false);
  answer(100);
  await says(page, 'All caught up');
  stage.browser.takeProblems();
}, 120_000);

test('a person who signs out elsewhere in the browser is told that the page shows no more', async () => {
  const integration = await stage.broken(2);
  const answer = turnstile(stage.scene);
  const page = await stage.follow(await stage.link(integration), {
    expected: [/status of 401/],
  });
  await page.getByRole('progressbar').waitFor();
  const other = await page.context().newPage();
  await other.goto(`${stage.gatewayUrl}/sign-out`);
  await looksWell(other, 'sign-out');
  await other.getByRole('button', { name: 'Sign out' }).click();
  await other.getByRole('heading', { name: 'You are signed out' }).waitFor();
  await looksWell(other, 'signed-out');
  await says(page, 'You are signed out here');
  answer(100);
}, 120_000);

test('where nothing arrived meanwhile the page says so, and follows nothing', async () => {
  const integration = await stage.broken(0);
  const page = await stage.follow(await stage.link(integration));
  expect(await page.locator('main').innerText()).toContain('No updates are waiting.');
  expect(await page.locator('script').count()).toBe(0);
  await looksWell(page, 'nothing-waiting');
}, 120_000);
