import type { Page } from 'playwright-core';
import { bannerOn } from '../../support/browser/banner-page';
import type { Exhibit } from './exhibit';
import { type Gallery, people } from './gallery';
import { unfold, unfoldAll } from '../pages/at-connections';
import { sessionUrl } from './link-pages';

/** Signs in and waits until the page knows how things are. */
export async function openConnections(page: Page, gallery: Gallery, userId: string) {
  const events = page.waitForResponse((response) => response.url().includes('/events'));
  await page.goto(await sessionUrl(gallery, userId));
  await page.getByRole('button').click();
  await page.waitForURL((now) => now.pathname === '/');
  await events;
}

const of = (name: string, userId: string, then?: (page: Page) => Promise<unknown>): Exhibit => ({
  name: `connections-${name}`,
  show: async (page, gallery) => {
    await openConnections(page, gallery, userId);
    await then?.(page);
  },
});

const press = (name: RegExp) => async (page: Page) => {
  await unfold(page, 'contacts');
  await page.getByRole('button', { name }).first().click();
  await page.getByRole('dialog').waitFor();
};

/** The connections page in its states. */
export const connectionsPages: Exhibit[] = [
  of('none', people.none),
  {
    ...of('one', people.one),
    illustration: [
      { width: 1280, height: 620, colorScheme: 'light' },
      { width: 375, height: 720, colorScheme: 'dark' },
    ],
  },
  of('well', people.well),
  of('mixed', people.mixed),
  of('paused', people.paused),
  of('long', people.long),
  of('ask-switch-off', people.mixed, press(/^Switch off Acme/)),
  of('ask-disconnect', people.mixed, press(/^Disconnect Acme/)),
  of('ask-pause', people.mixed, press(/^Pause everything/)),
  of('history', people.mixed, unfoldAll),
  {
    name: 'connections-unknown',
    expected: [/net::ERR_FAILED/],
    show: async (page, gallery) => {
      await page.context().route('**/api/**', (route) => route.abort());
      await page.goto(await sessionUrl(gallery, people.mixed));
      await page.getByRole('button').click();
      await bannerOn(page).unknown.waitFor();
    },
  },
  {
    name: 'connections-held',
    show: async (page, gallery) => {
      await gallery.scene.system.api('PUT', '/v1/hold', {
        reason: 'Maintenance at Example until 18:00',
      });
      await openConnections(page, gallery, people.mixed);
    },
    end: ({ scene }) => scene.system.api('DELETE', '/v1/hold'),
  },
];
