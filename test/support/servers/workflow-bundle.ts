import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

const bundleVariable = 'HOLDFAST_TEST_WORKFLOW_BUNDLE';
const root = path.resolve(__dirname, '../../..');
const cacheDir = path.join(root, 'node_modules/.cache/holdfast-test');

/** Bundles the workflows as they are now, once for each state of them: it takes seconds. */
export async function bundleForTests(): Promise<void> {
  const file = path.join(cacheDir, `workflow-bundle-${hashOfSources()}.js`);
  process.env[bundleVariable] = file;
  if (existsSync(file)) return;
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(root, 'workflows'),
    payloadConverterPath: path.join(root, 'workflows/payload-converter.ts'),
    logger: new DefaultLogger('ERROR'),
  });
  mkdirSync(cacheDir, { recursive: true });
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, code);
  renameSync(partial, file);
}

function hashOfSources(): string {
  const hash = createHash('sha256').update(readFileSync(path.join(root, 'package-lock.json')));
  for (const name of readdirSync(path.join(root, 'workflows')).sort()) {
    if (!name.endsWith('.ts')) continue;
    hash.update(`${name}\0`).update(readFileSync(path.join(root, 'workflows', name)));
  }
  return hash.digest('hex').slice(0, 32);
}

export function testWorkflowBundle(): string {
  const file = process.env[bundleVariable];
  if (file === undefined) throw new Error('nothing was bundled: see runner/needs.cjs');
  return file;
}
