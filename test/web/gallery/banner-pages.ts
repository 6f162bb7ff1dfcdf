import { bannerOn } from '../../support/browser/banner-page';
import type { Exhibit } from './exhibit';
import { people } from './gallery';

/** The banner on a page of the application's own, on another site. */
export const bannerPages: Exhibit[] = [
  {
    name: 'banner-one',
    illustration: [{ width: 1280, height: 260, colorScheme: 'light' }],
    show: async (page, gallery) => {
      await gallery.openShop(page, people.one);
      await bannerOn(page).lines.first().waitFor();
    },
  },
  {
    name: 'banner-broken',
    show: async (page, gallery) => {
      await gallery.openShop(page, people.mixed);
      await bannerOn(page).lines.first().waitFor();
    },
  },
  {
    name: 'banner-paused',
    show: async (page, gallery) => {
      await gallery.openShop(page, people.paused);
      await bannerOn(page).pause.waitFor();
    },
  },
  {
    name: 'banner-well',
    show: async (page, gallery) => {
      const events = page.waitForResponse((response) => response.url().includes('/events'));
      await gallery.openShop(page, people.well);
      await events;
    },
  },
  {
    name: 'banner-unknown',
    expected: [/net::ERR_FAILED/],
    show: async (page, gallery) => {
      await page.context().route('**/api/**', (route) => route.abort());
      await gallery.openShop(page, people.mixed);
      await bannerOn(page).unknown.waitFor();
    },
  },
];
