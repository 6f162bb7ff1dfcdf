import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { axeViolations } from '../support/axe';
import { type Browser, startBrowser } from '../support/browser';
import { callbackFailures } from './gallery/callback-pages';
import { callbackSuccess } from './gallery/callback-success';
import { connectionsPages } from './gallery/connections-pages';
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

async function takePicture(page: Page, name: string, { width, colorScheme }: Look) {
  if (folder === '') return;
  const file = path.join(folder, `${name}-${width}-${colorScheme}.png`);
  await page.screenshot({ path: file, fullPage: true });
}

test.each([...linkPages, ...connectionsPages, ...callbackFailures, ...callbackSuccess])(
  '$name: axe-core finds nothing wrong, wide and light, narrow and dark, and nothing is out of sight',
  async (exhibit) => {
    const { name, expected = [] } = exhibit;
    const page = await browser.newPage({ expected, reducedMotion: 'reduce' });
    try {
      await exhibit.show(page, gallery);
      for (const { width, colorScheme } of looks) {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme });
        await takePicture(page, name, { width, colorScheme });
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
