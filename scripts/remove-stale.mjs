import { rmSync } from 'node:fs';
import path from 'node:path';
import { filesUnder, root, sources } from './stamps.mjs';

/** Of one source: what tsc makes of it, or its copy. */
const outputsOf = (file) =>
  file.endsWith('.ts')
    ? ['.js', '.js.map', '.d.ts'].map((end) => file.replace(/\.ts$/, end))
    : [file];

/**
 * Removes from dist what has no source any more. It would still be found: Node takes `config.js` before
 * `config/index.js`, and a migration that was renamed would run twice.
 */
export function removeStale() {
  for (const folder of sources) {
    const wanted = new Set(filesUnder(folder).flatMap(outputsOf));
    for (const file of filesUnder(path.join('dist', folder))) {
      if (!wanted.has(path.relative('dist', file))) rmSync(path.join(root, file));
    }
  }
}
