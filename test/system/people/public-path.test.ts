import type { Page } from 'playwright-core';
import { bannerOn } from '../../support/browser/banner-page';
import { type Browser, startBrowser } from '../../support/browser/browser';
import { confirmAccount } from '../../support/browser/confirm';
import { type ExampleShop, startExampleShop } from '../../support/browser/example-shop';
import { startStrippingProxy, type StrippingProxy } from '../../support/doubles/stripping-proxy';
import { eventually } from '../../support/eventually';
import { freePort } from '../../support/processes/free-port';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';
import { reject } from './people';

const base = '/hf';
const publicUrl = `http://holdfast.test${base}`;
const slowly = { timeout: 30_000 };
/** Ids and names as applications have them. */
const ada = 'auth0|5f7c8ec7+é "1"';
const name = 'a/b #1 100% __proto__';

let scene: Scene;
let shop: ExampleShop;
let shopUrl: string;
let proxy: StrippingProxy;
const browsers: Browser[] = [];

beforeAll(async () => {
  const port = await freePort();
  shopUrl = `http://app.shop.test:${port}`;
  scene = await startScene({
    withAccount: true,
    declare: () => ({ label: 'Acme' }),
    config: { publicUrl, allowedOrigins: [shopUrl] },
  });
  const [apiKey = ''] = scene.system.config.apiKeys;
  const gateway = { gatewayUrl: scene.system.url, publicUrl, apiKey };
  shop = await startExampleShop({ ...gateway, port, userId: ada });
  proxy = await startStrippingProxy(scene.system.url, base);
}, 120_000);
afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
  await proxy.close();
  await shop.close();
  await scene.close();
});

/** Everything that the browser asked the gateway's host for. */
function watch(page: Page): string[] {
  const asked: string[] = [];
  page.context().on('request', (request) => {
    const { host, pathname } = new URL(request.url());
    if (host === 'holdfast.test') asked.push(pathname);
  });
  return asked;
}

/** Its buttons do nothing before its script has run. */
async function toConnections(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Your connections' }).click();
  await page.waitForURL(`${publicUrl}/`, { waitUntil: 'load', ...slowly });
}

async function breaks(integration: IntegrationBody): Promise<void> {
  scene.provider.revokeAll();
  await reject(scene, integration);
  await scene.until(integration.id, 'ERROR');
}

test.each([
  ['a proxy that strips it', () => proxy.url],
  ['one that does not', () => scene.system.url],
])(
  'S47 under a path, behind %s, a person gets all the way in their browser',
  async (_what, reached) => {
    const browser = await startBrowser({ hosts: { 'holdfast.test': reached() } });
    browsers.push(browser);
    const page = await browser.newPage();
    const asked = watch(page);
    const created = await scene.system.api<IntegrationBody>('POST', '/v1/integrations', {
      ...{ userId: ada, name, provider: 'acme' },
      destination: { url: scene.destination.url },
    });
    const { id } = created.body;
    const { body } = await scene.system.api<{ url: string }>('POST', '/v1/sessions', {
      ...{ userId: ada, integrationId: id },
    });

    await page.goto(body.url);
    expect(new URL(page.url()).pathname).toMatch(/^\/hf\/s\//);
    await page.getByRole('button', { name: 'Continue to Acme' }).click();
    await confirmAccount(page);
    await page.getByRole('heading', { name: 'Acme is connected' }).waitFor(slowly);
    expect(new URL(page.url()).pathname).toBe('/hf/oauth/acme/confirm');
    const integration = await scene.until(id, 'ENABLED');
    await toConnections(page);

    // The stream brings the line, without a load.
    await breaks(integration);
    await scene.webhook(created.body);
    const { lines, pause } = bannerOn(page);
    await lines.getByText(`Acme (${name}) has to be reconnected`).waitFor(slowly);
    await lines.getByRole('button', { name: /^Reconnect/ }).click();
    await page.getByText(/being handled|All caught up/).waitFor(slowly);
    await page.getByText('All caught up').waitFor(slowly);
    await toConnections(page);

    await page.getByRole('button', { name: 'Pause everything' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Pause everything' }).click();
    await pause.waitFor(slowly);
    await pause.getByRole('button', { name: 'Resume' }).click();
    await pause.waitFor({ state: 'hidden', ...slowly });
    await page.locator('.row').click();
    await page.getByRole('button', { name: /^Switch off/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click();
    await scene.until(id, 'DISABLED');
    await page.getByRole('button', { name: /^Switch on/ }).click();
    await scene.until(id, 'ENABLED');

    // The application's own page, on another site, with the banner for the same person.
    const application = await page.context().newPage();
    await application.goto(`${shopUrl}/`);
    const shown = bannerOn(application);
    await breaks(await scene.show(id));
    await shown.lines.getByText(`Acme (${name}) has to be reconnected`).waitFor(slowly);
    await application.getByRole('button', { name: /^Reconnect/ }).click();
    await application.getByRole('heading', { name: 'Acme is connected' }).waitFor(slowly);

    await page.getByRole('link', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor(slowly);

    expect(asked.length).toBeGreaterThan(20);
    expect(asked.filter((path) => !path.startsWith('/hf/'))).toEqual(
      asked.filter((path) => path === '/favicon.ico'),
    );
    expect(proxy.outside).toEqual([]);
    expect(browser.takeProblems()).toEqual([]);
    await scene.system.api('DELETE', `/v1/integrations/${id}`);
  },
  180_000,
);

test('the longest ids reach Temporal, which finds an integration by them', async () => {
  for (const userId of ['u'.repeat(255), `${'é'.repeat(127)}x`]) {
    const integration = await scene.connect({ userId, name: userId });
    await breaks(integration);
    const query = `IntegrationUser="${userId}" AND IntegrationStatus="ERROR"`;
    await eventually(
      async () => {
        const found: string[] = [];
        for await (const { workflowId } of scene.system.temporal.workflow.list({ query }))
          found.push(workflowId);
        expect(found).toEqual([`integration:${integration.id}`]);
      },
      { timeoutMs: 30_000 },
    );
  }
}, 90_000);
