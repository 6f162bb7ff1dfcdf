import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { axeViolations } from '../../support/browser/axe';
import { bannerOn } from '../../support/browser/banner-page';
import { confirmAccount } from '../../support/browser/confirm';
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

/** The pages that it shows from now on. */
function pagesOf(page: Page): string[] {
  const shown: string[] = [];
  page.on('domcontentloaded', () => shown.push(page.url()));
  return shown;
}

const pause = (userId: string, body: object) =>
  stage.scene.system.api('PUT', `/api/users/${userId}/pause`, body);

describe('S47 the banner on a page of another site', () => {
  it('shows a line for each broken connection, each with its own Reconnect, and none for the others', async () => {
    await stage.broken('ada', 'contacts');
    await stage.broken('ada', 'files');
    await stage.scene.connect({ userId: 'ada', name: 'calendar' });
    // What never was connected is not broken.
    await stage.scene.connect({ userId: 'ada', name: 'archive', credentials: {} });
    const page = await stage.openShop('ada');
    const { lines, pause: red, unknown } = bannerOn(page);
    await lines.nth(1).waitFor(slowly);
    expect(await lines.locator('.title').allTextContents()).toEqual([
      'Acme (contacts) has to be reconnected',
      'Acme (files) has to be reconnected',
    ]);
    const buttons = page.getByRole('button', { name: /^Reconnect Acme/ });
    expect(await buttons.count()).toBe(2);
    expect(await red.count()).toBe(0);
    expect(await unknown.count()).toBe(0);
    const [r = 0, g = 0, b = 0] = await background(page, 'broken');
    expect([r > g, g > b, r - b > 20]).toEqual([true, true, true]);

    // There is nothing to dismiss it with, by mouse or by keyboard.
    expect(await page.getByRole('button').count()).toBe(2);
    await buttons.first().focus();
    await page.keyboard.press('Escape');
    expect(await lines.count()).toBe(2);

    // Two are seen, and how many more there are.
    await stage.broken('ada', 'mail');
    await stage.broken('ada', 'notes');
    const more = page.getByRole('button', { name: 'and 2 more' });
    await more.waitFor(slowly);
    expect(await buttons.count()).toBe(2);
    await more.focus();
    await page.keyboard.press('Enter');
    expect(await buttons.count()).toBe(4);
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Show fewer' }).click();
    expect(await buttons.count()).toBe(2);
  }, 90_000);

  it('leads to the provider at one click, without any cookie on the page, and the person comes back to where they were', async () => {
    const { id } = await stage.broken('ivo', 'contacts');
    const page = await stage.openShop('ivo', { query: '?page=2#today' });
    const before = page.url();
    expect(await page.context().cookies()).toEqual([]);
    const reconnect = page.getByRole('button', { name: 'Reconnect Acme (contacts)' });
    const agree = page.getByRole('link', { name: 'Agree' });
    const shown = pagesOf(page);
    stage.scene.provider.asks(true);
    try {
      await reconnect.click();
      await agree.waitFor(slowly);
    } finally {
      stage.scene.provider.asks(false);
    }
    expect(new URL(page.url()).origin).toBe(stage.scene.provider.url);
    // Nothing is asked on the way there, and the way back leads to where it began.
    expect(shown.filter((url) => url.includes('/s/'))).toEqual([]);
    expect(page.context().pages()).toHaveLength(1);
    await page.goBack();
    expect(page.url()).toBe(before);
    await page.goForward();
    await agree.click(slowly);
    await confirmAccount(page);
    await page.getByRole('heading', { name: 'Acme is connected' }).waitFor(slowly);
    await stage.scene.until(id, 'ENABLED');
    await page.getByRole('link', { name: 'Back to The shop' }).click();
    await page.waitForURL(before);
    await page.waitForResponse((response) => response.url().endsWith('/events'), slowly);
    expect(await bannerOn(page).all.count()).toBe(0);
  }, 90_000);

  it.each([
    [
      'forbids forms that lead elsewhere',
      'nia',
      { 'content-security-policy': "form-action 'self'" },
      [/form-action/],
      1,
    ],
    ['says nobody where it is', 'oda', { 'referrer-policy': 'no-referrer' }, [], 1],
    [
      'is a sandbox without forms',
      'pim',
      { 'content-security-policy': 'sandbox allow-scripts allow-same-origin' },
      [/Blocked form submission/],
      // Nothing says that the first one was not used.
      2,
    ],
  ] as const)(
    'leads by way of a page with one button where the application’s page %s',
    async (_what, userId, headers, expected, links) => {
      await stage.broken(userId, 'contacts');
      const page = await stage.openShop(userId, { headers, expected: [...expected] });
      let asked = 0;
      page.on('request', (one) => {
        if (one.method() === 'POST' && one.url().endsWith('/link')) asked++;
      });
      await page.getByRole('button', { name: 'Reconnect Acme (contacts)' }).click(slowly);
      await page.waitForURL(new RegExp(`^${stage.publicUrl}/s/`), slowly);
      expect(asked).toBe(links);
      await page.getByRole('button', { name: 'Continue to Acme' }).click();
      await confirmAccount(page);
      await page.getByRole('heading', { name: 'Acme is connected' }).waitFor(slowly);
    },
    90_000,
  );

  it('S43 lets no stranger’s page sign its visitors in by a link that an allowed page has asked for', async () => {
    await stage.broken('quo', 'contacts');
    const shop = await stage.openShop('quo');
    await bannerOn(shop).lines.first().waitFor(slowly);
    const url = await shop.evaluate(`(async () => {
      const { token, baseUrl } = document.querySelector('holdfast-banner');
      const headers = { authorization: 'Bearer ' + token, 'content-type': 'application/json' };
      const link = baseUrl + '/api/users/quo/connectors/contacts/link';
      const answer = await fetch(link, { method: 'POST', headers, body: '{}' });
      return (await answer.json()).url;
    })()`);
    const page = await stage.browser.newPage({ expected: [/status of 40\d/] });
    const stranger = createServer((_request, answer) =>
      answer
        .writeHead(200, { 'content-type': 'text/html' })
        .end(
          `<link rel="icon" href="data:,"><form method="post" action="${String(url)}"><button>Win`,
        ),
    );
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    await page.goto(`http://stranger.test:${(stranger.address() as AddressInfo).port}/`);
    await page.getByRole('button', { name: 'Win' }).click();
    await page.getByRole('heading', { name: 'This has to be started here' }).waitFor(slowly);
    expect(await page.context().cookies()).toEqual([]);
    stranger.closeAllConnections();
    stranger.close();
  }, 90_000);

  it('asks its page for another token where a click finds that its own is over, and goes on', async () => {
    await stage.broken('jon', 'contacts');
    const expected = [/401 \(Unauthorized\)/];
    const page = await stage.openShop('jon', { expected });
    const reconnect = page.getByRole('button', { name: 'Reconnect Acme (contacts)' });
    await reconnect.waitFor(slowly);
    // That the session is over is found out by the click.
    await page.route(/events$|status$/, () => undefined);
    await stage.scene.system.pool.query("DELETE FROM sessions WHERE user_id = 'jon'");
    await reconnect.click();
    await confirmAccount(page);
  }, 90_000);

  it('says what to do where a click comes to nothing', async () => {
    await stage.broken('kim', 'contacts');
    const expected = [/Failed to load resource/, /ERR_/];
    const page = await stage.openShop('kim', { expected });
    const reconnect = page.getByRole('button', { name: 'Reconnect Acme (contacts)' });
    await reconnect.waitFor(slowly);
    await page.route(/link$/, (route) => route.abort());
    await reconnect.click();
    await page.getByText('That did not work. Try again in a moment.').waitFor(slowly);
    expect(await axeViolations(page)).toEqual([]);
    await page.unroute(/link$/);
    await reconnect.click();
    await confirmAccount(page);
  }, 90_000);

  it('leads the whole tab away from a frame, and offers a link where a sandbox forbids that', async () => {
    await stage.broken('leo', 'contacts');
    const expected = [/Unsafe attempt to initiate navigation/];
    const page = await stage.openShop('leo', { expected });
    const shop = page.url();
    const portal = createServer(({ url }, answer) => {
      const sandbox = url === '/' ? '' : 'sandbox="allow-scripts allow-same-origin"';
      answer
        .writeHead(200, { 'content-type': 'text/html' })
        .end(`<link rel="icon" href="data:,"><iframe ${sandbox} src="${shop}"></iframe>`);
    });
    await new Promise<void>((resolve) => portal.listen(0, '127.0.0.1', resolve));
    const { port } = portal.address() as AddressInfo;
    const framed = page.frameLocator('iframe').getByRole('button', { name: /^Reconnect Acme/ });
    await page.goto(`http://portal.test:${port}/`);
    await framed.click(slowly);
    await page.waitForURL(new RegExp(`^${stage.publicUrl}/s/`));

    await page.goto(`http://portal.test:${port}/sandbox`);
    await framed.click(slowly);
    const link = page.frameLocator('iframe').getByRole('link', { name: 'Open it in a new tab' });
    const expectedLink = new RegExp(`^${stage.publicUrl}/s/[\\w-]{43}$`);
    expect(await link.getAttribute('href', slowly)).toMatch(expectedLink);
    expect(await link.getAttribute('target')).toBe('_blank');
    portal.closeAllConnections();
    portal.close();
  }, 90_000);

  it('S49 lets an application pause, switch and disconnect from its page by the bearer alone, as far as its scope goes', async () => {
    await stage.scene.connect({ userId: 'mia', name: 'contacts' });
    const page = await stage.openShop('mia', { expected: [/403 \(Forbidden\)/] });
    await page.waitForResponse((response) => response.url().endsWith('/events'), slowly);
    const ask = (method: string, path: string, body?: object, token?: string) =>
      page.evaluate(
        async ({ url, own, ...init }) => {
          const banner = (
            globalThis as unknown as { document: { querySelector(of: string): { token: string } } }
          ).document.querySelector('holdfast-banner');
          const headers = {
            'content-type': 'application/json',
            authorization: `Bearer ${own ?? banner.token}`,
          };
          const answer = await fetch(url, { ...init, headers });
          return answer.status;
        },
        {
          ...{ url: `${stage.publicUrl}/api/users/mia/${path}`, method, own: token },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        },
      );
    expect(await page.context().cookies()).toEqual([]);
    expect(await ask('PUT', 'pause', { paused: true })).toBe(200);
    const { pause: red } = bannerOn(page);
    await red.getByRole('button', { name: 'Resume' }).click(slowly);
    await red.waitFor({ ...slowly, state: 'detached' });
    expect(await ask('POST', 'connectors/contacts/disable', { reason: 'not now' })).toBe(200);
    expect(await ask('POST', 'connectors/contacts/enable', {})).toBe(200);
    // The shop's token is not good for that.
    expect(await ask('DELETE', 'connectors/contacts')).toBe(403);
    const { body } = await stage.scene.system.api<{ token: string }>('POST', '/v1/sessions', {
      userId: 'mia',
    });
    expect(await ask('DELETE', 'connectors/contacts', undefined, body.token)).toBe(204);
    expect(await page.context().cookies()).toEqual([]);
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

    // A session that may not pause may not resume.
    const { body: read } = await stage.scene.system.api<{ token: string }>('POST', '/v1/sessions', {
      ...{ userId: 'bob', scope: 'read' },
    });
    await pause('bob', { paused: true });
    await resume.waitFor(slowly);
    await page.evaluate(
      `document.querySelector('holdfast-banner').token = ${JSON.stringify(read.token)}`,
    );
    await resume.waitFor({ ...slowly, state: 'detached' });
    expect(await red.count()).toBe(1);
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
