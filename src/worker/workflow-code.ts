import { existsSync } from 'node:fs';
import path from 'node:path';
import type { WorkerOptions } from '@temporalio/worker';

/** What `npm run build` bundles ahead of time: bundling at the start takes seconds. */
const builtBundle = path.resolve(__dirname, '../../workflow-bundle.js');

/** A bundle, by default the one beside the compiled code; the sources where there is none. */
export function workflowCode(
  bundlePath = builtBundle,
): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  return existsSync(bundlePath)
    ? { workflowBundle: { codePath: bundlePath } }
    : { workflowsPath: require.resolve('../../workflows') };
}
