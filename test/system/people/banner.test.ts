import type { Page } from 'playwright-core';
import { axeViolations } from '../../support/browser/axe';
import { bannerOn } from '../../support/browser/banner-page';
import { eventually } from '../../support/eventually';
import { type BannerScene, startBannerScene } from './banner-scene';

let stage: BannerScene;
beforeAll(async () => {
  stage = await startBannerScene();
}, 120_000);
afterAll(() => stage.close());
afterEach(() => expect(stage.browser.takeProblems()).toEqual([]));

/** As long as a busy machine may take; what is measured is measured elsewhere. */
const slowly = { timeout: 30_000 };

const background = (page: Page, kind: string) =>
  page.locator(`holdfast-banner .box.${kind}`).evaluate((box) => {
    const numbers = /rgb\((\d+), (\d+), (\d+)\)/.exec(
      (
        globalThis as unknown as { getComputedStyle(of: unknown): { backgroundColor: string } }
      ).getComputedStyle(box).backgroundColor,
    );
    return (numbers ?? []).slice(1).map(Number);
  });

const pause = (userId: string, body: object) =>
  stage.scene.system.api('PUT', `/api/users/${userId}/pause`, body);

describe('S47 the banner on a page of another site', () => {
  it('shows a line for each broken connection, each with its own Reconnect, and none for the others', async () => {
    const contacts = await stage.broken('ada', 'contacts');
    const files = await stage.broken('ada', 'files');
    await stage.scene.connect({ userId: 'ada', name: 'calendar' });
    const page = await stage.openShop('ada');
    const { lines, pause: red, unknown } = bannerOn(page);
    await lines.nth(1).waitFor(slowly);
    expect(await lines.locator('.title').allTextContents()).toEqual([
      'Acme (contacts) has to be reconnected',
      'Acme (files) has to be reconnected',
    ]);
    const links = page.getByRole('link', { name: /^Reconnect Acme/ });
    const hrefs = (await links.all()).map((link) => link.getAttribute('href'));
    expect(await Promise.all(hrefs)).toEqual([
      `${stage.publicUrl}/reconnect/${contacts.id}`,
      `${stage.publicUrl}/reconnect/${files.id}`,
    ]);
    expect(await red.count()).toBe(0);
    expect(await unknown.count()).toBe(0);
    const [r = 0, g = 0, b = 0] = await background(page, 'broken');
    expect([r > g, g > b, r - b > 20]).toEqual([true, true, true]);

    // There is nothing to dismiss it with, by mouse or by keyboard.
    expect(await page.getByRole('button').count()).toBe(0);
    await links.first().focus();
    await page.keyboard.press('Escape');
    expect(await lines.count()).toBe(2);

    await links.first().click();
    await page.waitForURL(new RegExp(`/reconnect/${contacts.id}`));
    expect(page.context().pages()).toHaveLength(1);
    stage.browser.takeProblems();
  }, 90_000);

  it('shows the pause of the person in red above, with the reason and a Resume that resumes', async () => {
    await stage.broken('bob', 'contacts');
    await pause('bob', { paused: true, reason: 'Moving <b>offices</b>' });
    const page = await stage.openShop('bob');
    const { pause: red, lines } = bannerOn(page);
    await red.waitFor(slowly);
    expect(await red.locator('.reason').textContent()).toBe('“Moving <b>offices</b>”');
    const [above, below] = [await red.boundingBox(), await lines.first().boundingBox()];
    expect((above?.y ?? 0) + (above?.height ?? 0)).toBeLessThanOrEqual(below?.y ?? 0);
    const [r = 0, g = 0, b = 0] = await background(page, 'pause');
    expect([r > g, r > b, r - g > 10]).toEqual([true, true, true]);
    expect(await axeViolations(page)).toEqual([]);

    const resume = page.getByRole('button', { name: 'Resume' });
    await resume.focus();
    await page.keyboard.press('Enter');
    await red.waitFor({ ...slowly, state: 'detached' });
    expect(await lines.count()).toBe(1);
    const { body } = await stage.scene.system.api('GET', '/api/users/bob/pause');
    expect(body).toMatchObject({ paused: false });
  }, 90_000);

  it("shows the operator's pause with its reason and without Resume, and ends when that ends", async () => {
    await stage.scene.connect({ userId: 'cem', name: 'contacts' });
    const page = await stage.openShop('cem', { colorScheme: 'dark' });
    const { pause: red, all } = bannerOn(page);
    await stage.scene.system.api('PUT', '/v1/hold', { reason: 'Back at 23:00' });
    try {
      await red.waitFor(slowly);
      expect(await red.textContent()).toContain('paused by the operator');
      expect(await red.textContent()).toContain('Back at 23:00');
      expect(await page.getByRole('button').count()).toBe(0);
      expect(await axeViolations(page)).toEqual([]);
    } finally {
      await stage.scene.system.api('DELETE', '/v1/hold');
    }
    await red.waitFor({ ...slowly, state: 'detached' });
    expect(await all.count()).toBe(0);
  }, 90_000);

  it('says that the state is unknown where it can not be read, and shows it again after Try again', async () => {
    await stage.broken('dan', 'contacts');
    const expected = [/Failed to load resource/];
    const page = await stage.openShop('dan', { expected });
    const { lines, unknown } = bannerOn(page);
    await lines.first().waitFor(slowly);
    await page.context().setOffline(true);
    await unknown.waitFor(slowly);
    expect(await lines.count()).toBe(0);
    expect(await unknown.textContent()).toContain('The state of your connections is unknown');
    expect(await axeViolations(page)).toEqual([]);

    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('button', { name: 'Trying…' }).waitFor();
    expect(await unknown.count()).toBe(1);
    await page.context().setOffline(false);
    await lines.first().waitFor(slowly);
    expect(await unknown.count()).toBe(0);
  }, 90_000);

  it('shows nothing of anybody to a page that is not allowed to read', async () => {
    await stage.broken('eve', 'contacts');
    const expected = [/CORS policy/, /Failed to load resource/];
    const page = await stage.openShop('eve', { isRefused: true, expected });
    const { lines, unknown } = bannerOn(page);
    await unknown.waitFor(slowly);
    expect(await lines.count()).toBe(0);
  }, 90_000);

  it('names a wrong attribute on the console, without its value, and says that nothing is known', async () => {
    const errors: string[] = [];
    const expected = [/holdfast-banner/];
    const page = await stage.openShop('fay', { expected });
    page.on('console', (message) => errors.push(message.text()));
    const setUser = (id: string) =>
      page.evaluate(`document.querySelector('holdfast-banner').setAttribute('user-id', '${id}')`);
    await setUser('..');
    const { unknown, all } = bannerOn(page);
    await unknown.waitFor(slowly);
    expect(errors).toEqual(['<holdfast-banner>: user-id must be text, and neither "." nor "..".']);
    await setUser('fay');
    await eventually(async () => expect(await all.count()).toBe(0));
  }, 90_000);

  it('is there twice with one connection, and reads on when the page comes back from the cache', async () => {
    await stage.broken('gil', 'contacts');
    const page = await stage.openShop('gil');
    let streams = 0;
    page.on('request', (request) => {
      if (request.url().endsWith('/events') && request.method() === 'GET') streams++;
    });
    const { lines } = bannerOn(page);
    await lines.first().waitFor(slowly);
    await page.evaluate(`{
      const first = document.querySelector('holdfast-banner');
      const second = first.cloneNode();
      second.token = first.token;
      document.querySelector('main').append(second);
    }`);
    await lines.nth(1).waitFor(slowly);
    expect(streams).toBeLessThanOrEqual(1);

    const before = streams;
    await page.evaluate("dispatchEvent(new Event('pagehide'))");
    await page.evaluate("dispatchEvent(new Event('pageshow'))");
    await eventually(() => expect(streams).toBe(before + 1), { timeoutMs: 30_000 });
    await stage.broken('gil', 'files');
    await lines.nth(3).waitFor(slowly);
  }, 90_000);
});
