import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { type Browser, type PageOptions, startBrowser } from '../../support/browser/browser';
import { confirmAccount } from '../../support/browser/confirm';
import type { Received } from '../../support/doubles/destination';
import {
  type NoticeReceiver,
  startNoticeReceiver,
} from '../../support/doubles/notification-receiver';
import type { IntegrationBody, Scene } from '../../support/scenes/scene';
import { startScene } from '../../support/scenes/scene';
import { reject } from './people';

/** A person, their browser, the application's own pages, and a gateway on a site that the provider isn't on. */
export interface Stage {
  scene: Scene;
  browser: Browser;
  gatewayUrl: string;
  /** The application's, of notifications. */
  receiver: NoticeReceiver;
  /** An allowed origin of the gateway's own site. */
  appUrl: string;
  /** The same pages under a name that nobody allowed. */
  evilUrl: string;
  /** What the application's pages and their like were asked for. */
  asked: { path: string; referer: string | undefined }[];
  /** A broken integration with that many webhooks kept. */
  broken(kept: number, userId?: string): Promise<IntegrationBody>;
  /** A link of the application's for that integration's person. */
  link(integration: IntegrationBody, more?: object): Promise<string>;
  /** Follows a link to its end, by its button. */
  follow(url: string, options?: PageOptions): Promise<Page>;
  close(): Promise<void>;
}

export const gatewayUrl = 'http://holdfast.test';

export async function startStage(): Promise<Stage> {
  const asked: Stage['asked'] = [];
  const pages = createServer(({ url = '', headers: { referer } }, answer) => {
    asked.push({ path: url, referer });
    answer
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<!doctype html><title>The application</title><h1>The application</h1>');
  });
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
  const { port } = pages.address() as AddressInfo;
  const appUrl = `http://app.holdfast.test:${port}`;
  const receiver = await startNoticeReceiver();
  const scene = await startScene({
    withAccount: true,
    declare: () => ({ label: 'Acme' }),
    config: {
      ...{ publicUrl: gatewayUrl, appName: 'Example', allowedOrigins: [appUrl] },
      ...receiver.config,
    },
  });
  const browser = await startBrowser({ hosts: { 'holdfast.test': scene.system.url } });

  const link: Stage['link'] = async ({ id }, more = {}) => {
    const { status, body } = await scene.system.api<{ url: string }>('POST', '/v1/sessions', {
      userId: ((await scene.show(id)) as IntegrationBody & { userId: string }).userId,
      integrationId: id,
      ...more,
    });
    if (status !== 201) throw new Error(`no session: ${JSON.stringify(body)}`);
    return body.url;
  };
  return {
    ...{ scene, browser, gatewayUrl, appUrl, asked, link, receiver },
    evilUrl: `http://evil.holdfast.test:${port}`,
    broken: async (kept, userId = 'user-1') => {
      const integration = await scene.connect({ userId });
      scene.provider.revokeAll();
      await reject(scene, integration);
      await scene.until(integration.id, 'ERROR');
      for (let sent = 0; sent < kept; sent += 1) await scene.webhook(integration);
      return integration;
    },
    follow: async (url, options) => {
      const page = await browser.newPage(options);
      await page.goto(url);
      await page.getByRole('button').click();
      await confirmAccount(page);
      return page;
    },
    close: async () => {
      await browser.close();
      await scene.close();
      await receiver.close();
      pages.closeAllConnections();
      await new Promise((resolve) => pages.close(resolve));
    },
  };
}

/** Answers so many of the requests to the application's destination, and the others once there is more to give. */
export function turnstile(scene: Scene) {
  let open = 0;
  const waiting: (() => void)[] = [];
  const go = () => {
    while (open > 0 && waiting.length > 0) {
      open -= 1;
      waiting.shift()?.();
    }
  };
  scene.destination.answer((_request: Received, answer) => {
    waiting.push(() => answer.writeHead(204).end());
    go();
  });
  return (more: number) => {
    open += more;
    go();
  };
}
