import type { Page, Request } from 'playwright-core';
import { confirmAccount } from '../../support/browser/confirm';
import { eventually } from '../../support/eventually';
import { reject } from './people';
import { type Stage, startStage } from './person-in-browser';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
}, 120_000);
afterAll(() => stage.close());

interface Asked {
  url: string;
  isDocument: boolean;
  referer: string | undefined;
  from: string;
}

/** Notes everything that a browser asks anyone for. */
async function watch(page: Page): Promise<Asked[]> {
  const asked: Asked[] = [];
  const note = async (request: Request) => {
    const { referer } = await request.allHeaders();
    const isDocument = request.isNavigationRequest();
    asked.push({ url: request.url(), isDocument, referer, from: isDocument ? '' : page.url() });
  };
  page.context().on('request', (request) => void note(request).catch(() => undefined));
  await page.goto('about:blank');
  return asked;
}

test('no page asks anyone but the gateway for anything, and none tells where it was opened', async () => {
  const { browser, scene } = stage;
  const integration = await stage.broken(1);
  const page = await browser.newPage({ expected: [/status of 4/] });
  const asked = await watch(page);
  const link = await stage.link(integration, { returnTo: `${stage.appUrl}/settings` });
  await page.goto(link);
  await page.getByRole('button').click();
  await confirmAccount(page);
  await page.getByRole('heading', { name: 'Acme is connected' }).waitFor();
  const callback = asked.find(({ url }) => url.includes('/callback?'))?.url ?? '';
  await page.getByText('All caught up').waitFor({ timeout: 60_000 });
  for (const path of ['/', '/sign-out', '/reconnect/int_1', '/s/unknown', '/nothing/here']) {
    await page.goto(stage.gatewayUrl + path);
    await page.waitForLoadState('load');
  }
  await page.goto(callback.replace('state=', 'state=x'));
  await page.getByRole('heading', { name: 'This step is not right' }).waitFor();

  const others = asked.filter(({ url }) => new URL(url).origin !== stage.gatewayUrl);
  // The provider, where the person goes themselves.
  expect(
    others.every(({ url, isDocument }) => isDocument && url.startsWith(scene.provider.url)),
  ).toBe(true);
  expect(others).not.toEqual([]);
  expect(asked.filter(({ isDocument }) => !isDocument).length).toBeGreaterThan(3);
  for (const { url, referer } of asked) {
    if (new URL(url).origin !== stage.gatewayUrl) expect(referer).toBeUndefined();
    expect(referer ?? '').not.toMatch(/code=|state=/);
  }
  browser.takeProblems();
}, 180_000);

test('no bearer and no cookie is in any address', async () => {
  const { browser, scene } = stage;
  const integration = await stage.broken(1);
  const { body } = await scene.system.api<{ token: string; url: string }>('POST', '/v1/sessions', {
    ...{ userId: 'user-1', integrationId: integration.id },
  });
  const page = await browser.newPage();
  const asked = await watch(page);
  await page.goto(body.url);
  await page.getByRole('button').click();
  await confirmAccount(page);
  await page.getByText('All caught up').waitFor({ timeout: 60_000 });
  await page.goto(`${stage.gatewayUrl}/`);
  const cookies = (await page.context().cookies()).map(({ value }) => value);
  // The session's, and the one that the confirmation is bound to.
  expect(cookies).toHaveLength(2);
  for (const secret of [body.token, ...cookies]) {
    expect(secret.length).toBeGreaterThan(20);
    for (const { url, referer = '' } of asked) expect(url + referer).not.toContain(secret);
  }
}, 120_000);

test('a link that is prefetched, prerendered, or opened without a click signs nobody in, and works afterwards', async () => {
  const { browser } = stage;
  const integration = await stage.broken(1);
  const url = await stage.link(integration);
  const page = await browser.newPage({ expected: [/prefetch|Content Security|status of/i] });
  await page.goto(stage.appUrl);
  await page.evaluate(`(async () => {
    for (const rel of ['prefetch', 'prerender', 'preload']) {
      const link = Object.assign(document.createElement('link'), { rel, href: ${JSON.stringify(url)}, as: 'fetch' });
      document.head.append(link);
    }
    for (const method of ['GET', 'HEAD']) {
      await fetch(${JSON.stringify(url)}, { method, mode: 'no-cors', credentials: 'include' }).catch(() => {});
    }
  })()`);
  await page.goto(url);
  await page.reload();
  expect(await page.context().cookies()).toEqual([]);
  const { rows } = await stage.scene.system.pool.query(
    'SELECT FROM sessions WHERE integration_id = $1 AND cookie_hash IS NOT NULL',
    [integration.id],
  );
  expect(rows).toEqual([]);
  await page.getByRole('button').click();
  await confirmAccount(page);
  await page.getByRole('heading', { name: 'Acme is connected' }).waitFor();
  expect(await page.context().cookies()).not.toEqual([]);
  browser.takeProblems();
}, 120_000);

test('S43 the address in a notification reconnects by one click, without any session', async () => {
  const { browser, scene, receiver } = stage;
  const main = { ...scene.provider.grant(), accountId: 'account-1' };
  const integration = await scene.connect({ credentials: { main } });
  scene.provider.revokeAll();
  await reject(scene, integration);
  const url = await eventually(
    () => {
      const told = receiver.notices.find(({ data }) => data['integrationId'] === integration.id);
      if (told === undefined) throw new Error('nobody is told');
      return String(told.data['reconnectUrl']);
    },
    { timeoutMs: 30_000 },
  );
  const page = await browser.newPage();
  const asked = await watch(page);
  await page.goto(url);
  await page.reload();
  await page.getByRole('button', { name: 'Continue to Acme' }).click();
  await page.getByRole('heading', { name: 'Acme is connected' }).waitFor();
  // What it lets this browser do again is to use the code.
  const names = (await page.context().cookies()).map(({ name }) => name);
  expect(names).toEqual([expect.stringMatching(/^holdfast-reconnect-/)]);
  await scene.until(integration.id, 'ENABLED');
  await page.goto(url);
  await page.getByRole('heading', { name: 'Acme is connected' }).waitFor();
  const code = new URL(url).searchParams.get('code') ?? '';
  expect(code).toHaveLength(43);
  for (const { url: address, referer = '' } of asked) {
    if (new URL(address).origin !== stage.gatewayUrl) expect(address + referer).not.toContain(code);
  }
  expect(scene.system.logLines.join('')).not.toContain(code);
  expect(browser.takeProblems()).toEqual([]);
}, 120_000);

describe('in a frame', () => {
  const framed = async (page: Page, from: string, url: string) => {
    await page.goto(from);
    await page.evaluate(`new Promise((resolve) => {
      const frame = document.createElement('iframe');
      Object.assign(frame, { src: ${JSON.stringify(url)}, onload: resolve });
      document.body.append(frame);
    })`);
    const frame = page.frames()[1];
    if (frame === undefined) throw new Error('there is no frame');
    return frame;
  };
  const expected = [/frame-ancestors|X-Frame-Options|ERR_BLOCKED/i];

  test('nothing that a click could be stolen on is shown to anybody', async () => {
    const integration = await stage.broken(0);
    const page = await stage.follow(await stage.link(integration), { expected });
    const link = await stage.link(integration);
    for (const url of [link, `${stage.gatewayUrl}/`, `${stage.gatewayUrl}/sign-out`]) {
      for (const from of [stage.appUrl, stage.evilUrl]) {
        const frame = await framed(page, from, url);
        expect([url, from, frame.url()]).toEqual([url, from, 'chrome-error://chromewebdata/']);
      }
    }
    stage.browser.takeProblems();
  }, 120_000);

  test('the end of a way is shown to an allowed origin, and to no other', async () => {
    const integration = await stage.broken(0);
    const page = await stage.follow(await stage.link(integration), { expected });
    const start = `${stage.gatewayUrl}/oauth/acme/start?integration=${integration.id}`;
    const shown = await framed(page, stage.appUrl, start);
    await shown.getByRole('heading', { name: 'Acme is connected' }).waitFor();
    const hidden = await framed(page, stage.evilUrl, start);
    expect(hidden.url()).toBe('chrome-error://chromewebdata/');
    stage.browser.takeProblems();
  }, 120_000);
});
