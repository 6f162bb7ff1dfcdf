import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const bundleVariable = 'HOLDFAST_TEST_WORKFLOW_BUNDLE';

/** Bundles the workflows as they are now, once for the run. */
export async function bundleForTests(dir: string): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../../workflows'),
    payloadConverterPath: require.resolve('../../workflows/payload-converter'),
    logger: new DefaultLogger('ERROR'),
  });
  const file = path.join(dir, 'workflow-bundle.js');
  writeFileSync(file, code);
  process.env[bundleVariable] = file;
}

export function testWorkflowBundle(): string {
  const file = process.env[bundleVariable];
  if (file === undefined) throw new Error('global setup has not run');
  return file;
}
