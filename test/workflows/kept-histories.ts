import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { dataConverter } from '../../src/temporal/data-converter';
import { quietRuntime } from '../support/servers/quiet-runtime';
import { testWorkflowBundle } from '../support/servers/workflow-bundle';

type History = temporal.api.history.v1.IHistory;

export const historyFolder = path.join(__dirname, 'histories');

/**
 * `npm run histories -- <name>` plays scenes and keeps their histories beside the older ones, which stay: they stand for
 * what runs in production. Done after a change of what actors say or do.
 */
const recording = process.env['HOLDFAST_TEST_RECORD'];
export const isRecording = recording !== undefined;

export function keepHistory(name: string, history: History): void {
  // Process ids and host names are nobody's business.
  const text = historyToJSON(history)
    .replaceAll(/"identity": "[^"]*"/g, '"identity": "holdfast"')
    .replaceAll(/"name": "\d+@[^"]*"/g, '"name": "holdfast"');
  writeFileSync(path.join(historyFolder, `${recording}-${name}.json`), `${text}\n`);
}

/** @throws DeterminismViolationError where today's workflows would have done otherwise */
export async function replays(history: History): Promise<void> {
  quietRuntime();
  await Worker.runReplayHistory(
    { workflowBundle: { codePath: testWorkflowBundle() }, dataConverter },
    history,
  );
}
