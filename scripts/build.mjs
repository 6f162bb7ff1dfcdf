// Sources to dist: TypeScript, the files that tsc leaves behind, and the workflows as one bundle,
// so that a worker starts without bundling.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { removeStale } from './remove-stale.mjs';
import { buildHash, filesUnder, root, stamps, writeStamp } from './stamps.mjs';

const dist = path.join(root, 'dist');
const hash = buildHash();
rmSync(stamps.build, { force: true });

// What browsers run is compiled for them. A module that is gone must not be served any more.
const assets = path.join(dist, 'web/assets');
rmSync(assets, { recursive: true, force: true });
for (const project of ['tsconfig.build.json', 'src/web/client']) {
  try {
    execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project], {
      cwd: root,
      stdio: 'inherit',
    });
  } catch {
    process.exit(1);
  }
}
// Only now: tsc takes what it has written before for written still, and writes it no second time.
removeStale();
const morph = readFileSync(path.join(root, 'node_modules/idiomorph/dist/idiomorph.min.js'), 'utf8');
writeFileSync(path.join(assets, 'idiomorph.js'), `${morph}\nexport { Idiomorph };\n`);

const isCopied = (file) => !file.endsWith('.ts') && !file.startsWith(path.join('src/web/client'));

for (const file of filesUnder('src').filter(isCopied)) {
  mkdirSync(path.dirname(path.join(dist, file)), { recursive: true });
  copyFileSync(path.join(root, file), path.join(dist, file));
}

const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
const { code } = await bundleWorkflowCode({
  workflowsPath: path.join(dist, 'workflows/index.js'),
  payloadConverterPath: path.join(dist, 'workflows/payload-converter.js'),
  logger: new DefaultLogger('WARN'),
});
writeFileSync(path.join(dist, 'workflow-bundle.js'), code);

writeStamp(stamps.build, hash);
