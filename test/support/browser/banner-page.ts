import type { Locator, Page } from 'playwright-core';

/** What of the banner on a page is looked at. */
export interface BannerParts {
  pause: Locator;
  /** The amber lines. */
  lines: Locator;
  unknown: Locator;
  all: Locator;
}

/** Locators see into the shadow root. */
export function bannerOn(page: Page): BannerParts {
  const banner = page.locator('holdfast-banner');
  return {
    pause: banner.locator('.box.pause:visible'),
    lines: banner.locator('.box.broken:visible li'),
    unknown: banner.locator('.box.unknown:visible'),
    all: banner.locator('.box:visible'),
  };
}
