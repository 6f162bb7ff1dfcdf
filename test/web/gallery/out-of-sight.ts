import type { Page } from 'playwright-core';

interface Focused {
  name: string;
  /** It has been here before. */
  again: boolean;
  ring: boolean;
  height: number;
}

/** Inside the page: where the keyboard is, shadow roots included. */
const focused = `(() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  if (!at || at === document.body || at === document.documentElement) return null;
  const again = at.seenByTest === true;
  at.seenByTest = true;
  const { outlineStyle, outlineWidth } = getComputedStyle(at);
  return {
    name: at.tagName.toLowerCase() + ' ' + (at.textContent || at.id).trim().slice(0, 40),
    again,
    ring: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
    height: at.getBoundingClientRect().height,
  };
})()`;

/** Inside the page: how much of it is beside the screen, in CSS pixels. */
const overhang = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/** Inside the page: what would lose its edge together with its background. */
const edgeless = `(() => {
  if (!matchMedia('(forced-colors: active)').matches) return ['no forced colours'];
  const isSeen = (element) => element.getClientRects().length > 0;
  return [...document.querySelectorAll('button, a.act, .badge, .notice, dialog')]
    .filter((element) => isSeen(element) && parseFloat(getComputedStyle(element).borderTopWidth) === 0)
    .map((element) => element.textContent.trim());
})()`;

/**
 * What axe-core doesn't look for: content beside the screen at 320 px (WCAG 1.4.10) or where all is
 * twice as large (1.4.4), a focus that can't be seen (2.4.7), targets under 44 px (2.5.5), a page
 * without a title, and buttons that can't be told from text where the system chooses the colours.
 */
export async function outOfSight(page: Page): Promise<string[]> {
  const found: string[] = [];
  if ((await page.title()) === '') found.push('no title');

  for (const width of [640, 320]) {
    await page.setViewportSize({ width, height: 800 });
    const over = await page.evaluate<number>(overhang);
    if (over > 0) found.push(`${over} px are beside the screen at ${width} px`);
  }

  for (;;) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate<Focused | null>(focused);
    if (at === null || at.again) break;
    if (!at.ring) found.push(`no ring around ${at.name}`);
    if (at.height < 43.5 && !at.name.startsWith('a ')) found.push(`${at.name}: ${at.height} px`);
  }

  await page.emulateMedia({ forcedColors: 'active' });
  const lost = await page.evaluate<string[]>(edgeless);
  found.push(...lost.map((text) => `no edge in forced colours: ${text}`));
  return found;
}
