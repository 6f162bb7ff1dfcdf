import { startGateway } from '../../../src/gateway/main';
import { createLog } from '../../../src/lib/log';
import { bannerOn } from '../../support/browser/banner-page';
import { eventually } from '../../support/eventually';
import { startHoldingProxy } from '../../support/doubles/holding-proxy';
import { type BannerScene, startBannerScene } from './banner-scene';

let stage: BannerScene;
beforeAll(async () => {
  stage = await startBannerScene();
}, 120_000);
afterAll(() => stage.close());
afterEach(() => expect(stage.browser.takeProblems()).toEqual([]));

const slowly = { timeout: 30_000 };
/** What the scenario demands, where a person looks on. */
const fiveSeconds = { timeout: 5_000 };
const gone = { state: 'detached' } as const;

describe('S48 an open page', () => {
  it('shows a death within 5 s without a reload, and no longer than 5 s after the reconnect', async () => {
    const integration = await stage.scene.connect({ userId: 'ada', name: 'contacts' });
    const page = await stage.openShop('ada');
    const { lines, all } = bannerOn(page);
    await page.waitForResponse((response) => response.url().endsWith('/events'), slowly);
    let loads = 0;
    page.on('load', () => loads++);

    await stage.dies(integration);
    await stage.scene.until(integration.id, 'ERROR');
    await lines.first().waitFor(fiveSeconds);
    await stage.reconnects('ada', integration);
    await lines.first().waitFor({ ...fiveSeconds, ...gone });
    expect(await all.count()).toBe(0);
    expect(loads).toBe(0);
  }, 120_000);

  it('says within seconds that nothing is known when the gateway is gone, and is right again when it is back', async () => {
    const { system } = stage.scene;
    const { url, port } = stage.spare.restarted;
    const start = () =>
      startGateway(
        { ...system.config, port },
        { configuration: system.configuration, log: createLog('silent') },
      );
    await stage.broken('bob', 'contacts');
    const files = await stage.scene.connect({ userId: 'bob', name: 'files' });
    let gateway = await start();
    try {
      const expected = [/Failed to load resource/, /CORS policy/, /ERR_/];
      const page = await stage.openShop('bob', { holdfastUrl: url, expected });
      const { lines, unknown } = bannerOn(page);
      await lines.first().waitFor(slowly);
      expect(await lines.count()).toBe(1);

      await gateway.close();
      await unknown.waitFor({ timeout: 10_000 });
      expect(await lines.count()).toBe(0);
      // What happens meanwhile is there afterwards.
      await stage.dies(files);
      await stage.scene.until(files.id, 'ERROR');
      gateway = await start();
      await lines.nth(1).waitFor(slowly);
      expect(await unknown.count()).toBe(0);
    } finally {
      await gateway.close();
    }
  }, 120_000);

  it('asks again and again where a proxy holds streams back', async () => {
    const { url, port } = stage.spare.buffered;
    const proxy = await startHoldingProxy(port, Number(new URL(stage.scene.system.url).port));
    try {
      const integration = await stage.scene.connect({ userId: 'cem', name: 'contacts' });
      const page = await stage.openShop('cem', { holdfastUrl: url });
      const { lines, unknown } = bannerOn(page);
      await page.waitForResponse((response) => response.url().endsWith('/status'), slowly);
      await stage.dies(integration);
      await lines.first().waitFor(slowly);
      expect(await unknown.count()).toBe(0);
      await stage.reconnects('cem', integration);
      await lines.first().waitFor({ ...slowly, ...gone });
      await page.context().close();
    } finally {
      await proxy.close();
    }
  }, 120_000);

  it('asks its page for another token when the session is over, and is live with it', async () => {
    const integration = await stage.broken('dan', 'contacts');
    const expected = [/401 \(Unauthorized\)/];
    const page = await stage.openShop('dan', { expected });
    const { lines, unknown } = bannerOn(page);
    await lines.first().waitFor(slowly);
    const token = () =>
      page
        .locator('holdfast-banner')
        .evaluate((banner) => (banner as unknown as { token: string }).token);
    const first = await token();
    await page.evaluate(
      'addEventListener("holdfast-token-expired", () => { window.asked = true })',
    );

    const { pool } = stage.scene.system;
    await pool.query("UPDATE sessions SET expires_at = now() WHERE user_id = 'dan'");
    await eventually(async () => expect(await page.evaluate('window.asked')).toBe(true), {
      timeoutMs: 30_000,
    });
    await stage.reconnects('dan', integration);
    await lines.first().waitFor({ ...slowly, ...gone });
    expect(await unknown.count()).toBe(0);
    expect(await token()).not.toBe(first);
    // Neither in the page's markup nor in an address.
    const html = await page.content();
    expect([html.includes(first), html.includes(await token())]).toEqual([false, false]);
    const names = await page.evaluate<string>(
      'performance.getEntries().map(({ name }) => name).join()',
    );
    expect(names).not.toContain(first);
  }, 120_000);
});
