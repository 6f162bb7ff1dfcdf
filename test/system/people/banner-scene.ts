import type { Page } from 'playwright-core';
import { type Browser, type PageOptions, startBrowser } from '../../support/browser/browser';
import { confirmAccount } from '../../support/browser/confirm';
import { startExampleShop } from '../../support/browser/example-shop';
import { freePort } from '../../support/processes/free-port';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';
import { reject } from './people';
import { openDoor } from './shop-door';

/** The gateway, and an application on another site that embeds its banner. */
export interface BannerScene {
  scene: Scene;
  browser: Browser;
  /** The gateway as browsers know it. */
  publicUrl: string;
  /** More addresses of the gateway's site, each at a port where nobody listens yet. */
  spare: Record<'restarted' | 'buffered', { url: string; port: number }>;
  /** Opens the application's page, where that person is signed in. */
  openShop(userId: string, options?: ShopOptions): Promise<Page>;
  /** Connects something, and has the provider take it back. */
  broken(userId: string, name: string): Promise<IntegrationBody>;
  /** Something of a person's dies where its provider says no. */
  dies(integration: IntegrationBody): Promise<void>;
  /** Reconnects as a person does: by a link, and the provider's consent. */
  reconnects(userId: string, integration: IntegrationBody): Promise<void>;
  close(): Promise<void>;
}

interface ShopOptions extends PageOptions {
  /** Default: the gateway itself. */
  holdfastUrl?: string;
  /** What follows the path of the application's page. */
  query?: string;
  /** In place of the page's own headers of those names. */
  headers?: Record<string, string>;
  /** At an origin that may not read the API. */
  isRefused?: boolean;
}

const site = 'example-connect.test';
const shops = 18;

export async function startBannerScene(): Promise<BannerScene> {
  const publicUrl = `http://holdfast.${site}`;
  const doors = await Promise.all(Array.from({ length: shops }, openDoor));
  const unused = [...doors];
  const [restarted, buffered] = await Promise.all([freePort(), freePort()]);
  const origin = (port: number) => `http://app.example-shop.test:${port}`;
  const scene = await startScene({
    withAccount: true,
    declare: () => ({ label: 'Acme' }),
    config: {
      publicUrl,
      appName: 'The shop',
      allowedOrigins: doors.map(({ port }) => origin(port)),
    },
  });
  const spare = {
    restarted: { url: `http://restarted.${site}`, port: restarted },
    buffered: { url: `http://buffered.${site}`, port: buffered },
  };
  const browser = await startBrowser({
    hosts: {
      [`holdfast.${site}`]: scene.system.url,
      [`restarted.${site}`]: `http://127.0.0.1:${restarted}`,
      [`buffered.${site}`]: `http://127.0.0.1:${buffered}`,
    },
  });
  const open: { close(): Promise<void> }[] = [...doors];
  const { system } = scene;

  return {
    ...{ scene, browser, publicUrl, spare },
    openShop: async (userId, shop = {}) => {
      const { holdfastUrl = publicUrl, isRefused = false, query = '', headers, ...options } = shop;
      const door = isRefused ? await openDoor() : unused.shift();
      if (door === undefined) throw new Error('more shops than were allowed');
      if (isRefused) open.push(door);
      const [apiKey = ''] = system.config.apiKeys;
      const at = { gatewayUrl: system.url, publicUrl: holdfastUrl, apiKey, userId };
      const running = await startExampleShop(at);
      open.push(running);
      door.leadTo(running.port, headers);
      const page = await browser.newPage({ thirdPartyCookies: 'blocked', ...options });
      await page.goto(`${origin(door.port)}/${query}`);
      return page;
    },
    broken: async (userId, name) => {
      const integration = await scene.connect({ userId, name });
      scene.provider.revokeAll();
      await reject(scene, integration);
      await scene.until(integration.id, 'ERROR');
      return integration;
    },
    dies: async (integration) => {
      scene.provider.revokeAll();
      await reject(scene, integration);
    },
    reconnects: async (userId, { id }) => {
      const { body } = await system.api<{ url: string }>('POST', '/v1/sessions', {
        ...{ userId, integrationId: id },
      });
      const page = await browser.newPage();
      await page.goto(body.url);
      await page.getByRole('button').click();
      await confirmAccount(page);
      await page.context().close();
    },
    close: async () => {
      try {
        await browser.close();
      } finally {
        await Promise.all(open.map((shop) => shop.close()));
        await scene.close();
      }
    },
  };
}
