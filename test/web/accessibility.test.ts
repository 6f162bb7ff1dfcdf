import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { axeViolations } from '../support/browser/axe';
import { type Browser, startBrowser } from '../support/browser/browser';
import { bannerPages } from './gallery/banner-pages';
import { callbackFailures } from './gallery/callback-pages';
import { callbackSuccess } from './gallery/callback-success';
import { connectionsPages } from './gallery/connections-pages';
import type { Exhibit } from './gallery/exhibit';
import { type Gallery, startGallery } from './gallery/gallery';
import { linkPages } from './gallery/link-pages';
import { outOfSight } from './gallery/out-of-sight';

let gallery: Gallery;
let browser: Browser;
beforeAll(async () => {
  gallery = await startGallery();
  browser = await startBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
  await gallery.close();
});

/** `npm run screenshots` names a folder: then all looks are looked at, and kept as pictures. */
const folder = process.env['HOLDFAST_TEST_SCREENSHOTS'] ?? '';

interface Look {
  width: number;
  colorScheme: 'light' | 'dark';
}

const looks: Look[] = [
  { width: 1280, colorScheme: 'light' },
  { width: 375, colorScheme: 'dark' },
];
if (folder !== '') {
  mkdirSync(folder, { recursive: true });
  looks.push({ width: 1280, colorScheme: 'dark' }, { width: 375, colorScheme: 'light' });
}

async function takePictures(page: Page, exhibit: Exhibit, look: Look) {
  if (folder === '') return;
  const { name, illustration = [] } = exhibit;
  const { width, colorScheme } = look;
  const file = `${name}-${width}-${colorScheme}.png`;
  await page.screenshot({ path: path.join(folder, file), fullPage: true });
  const own = illustration.find((one) => one.width === width && one.colorScheme === colorScheme);
  if (own === undefined) return;
  await page.setViewportSize({ width, height: own.height });
  await page.screenshot({ path: path.join(folder, `readme-${file}`) });
}

test.each([
  ...linkPages,
  ...connectionsPages,
  ...callbackFailures,
  ...callbackSuccess,
  ...bannerPages,
])(
  '$name: axe-core finds nothing wrong, wide and light, narrow and dark, and nothing is out of sight',
  async (exhibit) => {
    const { expected = [] } = exhibit;
    const page = await browser.newPage({ expected, reducedMotion: 'reduce' });
    try {
      await exhibit.show(page, gallery);
      for (const { width, colorScheme } of looks) {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme });
        await takePictures(page, exhibit, { width, colorScheme });
        expect({ width, colorScheme, found: await axeViolations(page) }).toMatchObject({
          found: [],
        });
      }
      expect(await outOfSight(page)).toEqual([]);
      expect(browser.takeProblems()).toEqual([]);
    } finally {
      await page.context().close();
      await exhibit.end?.(gallery);
    }
  },
  60_000,
);
