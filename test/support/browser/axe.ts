import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

interface Violation {
  id: string;
  help: string;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

let source: string | undefined;

/**
 * What axe-core finds wrong in a page, open shadow roots included, with the rules of WCAG 2.2 AA and
 * its best practices. It is put in as a debugger would: the page's own policy lets no script in.
 */
export async function axeViolations(page: Page): Promise<string[]> {
  source ??= readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(`window.axe || (() => { const module = undefined; ${source} })()`);
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
