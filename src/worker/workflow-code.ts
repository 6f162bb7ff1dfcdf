import { existsSync } from 'node:fs';
import path from 'node:path';
import type { WorkerOptions } from '@temporalio/worker';

/** What `npm run build` bundles ahead of time: bundling at the start takes seconds. */
const bundle = path.resolve(__dirname, '../../workflow-bundle.js');

/** The bundle beside the compiled code, or the sources where there is none. */
export function workflowCode(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  return existsSync(bundle)
    ? { workflowBundle: { codePath: bundle } }
    : { workflowsPath: require.resolve('../../workflows') };
}
