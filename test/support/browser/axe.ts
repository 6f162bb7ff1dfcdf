import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

interface Violation {
  id: string;
  help: string;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

let source: string | undefined;

/**
 * Waits until nothing moves that ever comes to its end: half-way from one colour to another a text has a contrast that
 * nobody reads it with. What ends may begin the next, and what a shadow root holds is not the document's.
 */
const settled = `(async () => {
  const roots = (root) => [root, ...[...root.querySelectorAll('*')]
    .flatMap(({ shadowRoot }) => shadowRoot === null ? [] : roots(shadowRoot))];
  const moving = () => roots(document).flatMap((root) => root.getAnimations())
    .filter(({ playState, effect }) =>
      playState === 'running' && effect.getComputedTiming().endTime !== Infinity);
  for (let now = moving(); now.length > 0; now = moving()) {
    await Promise.allSettled(now.map(({ finished }) => finished));
  }
})()`;

/**
 * What axe-core finds wrong in a page, open shadow roots included, with the rules of WCAG 2.2 AA and
 * its best practices, once nothing moves any more. It is put in as a debugger would: the page's own policy lets no script in.
 */
export async function axeViolations(page: Page): Promise<string[]> {
  source ??= readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(`window.axe || (() => { const module = undefined; ${source} })()`);
  await page.evaluate(settled);
  const violations = await page.evaluate<Violation[]>(
    `axe.run(document, { rules: { 'target-size': { enabled: true } }, resultTypes: ['violations'] })
       .then(({ violations }) => violations)`,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      ({ target, failureSummary = '' }) =>
        `${id}: ${help} at ${target.join(' ')}. ${failureSummary.replace(/\s+/g, ' ')}`,
    ),
  );
}
