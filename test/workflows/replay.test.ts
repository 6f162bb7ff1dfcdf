import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import { testWorkflowBundle } from '../support/servers/workflow-bundle';
import { dataConverter } from '../../src/temporal/data-converter';
import { quietRuntime } from '../support/servers/quiet-runtime';
import { playHistories } from './play-histories';

const folder = path.join(__dirname, 'histories');

/**
 * `npm run histories -- <name>` plays scenes and keeps their histories beside the older ones, which stay: they stand for
 * what runs in production. Done after a change of what actors say or do.
 */
const recording = process.env['HOLDFAST_TEST_RECORD'];

if (recording !== undefined) {
  test('records histories', async () => {
    mkdirSync(folder, { recursive: true });
    for (const [name, history] of await playHistories()) {
      // Process ids and host names are nobody's business.
      const text = historyToJSON(history)
        .replaceAll(/"identity": "[^"]*"/g, '"identity": "holdfast"')
        .replaceAll(/"name": "\d+@[^"]*"/g, '"name": "holdfast"');
      writeFileSync(path.join(folder, `${recording}-${name}.json`), `${text}\n`);
    }
  }, 300_000);
}

const histories = readdirSync(folder).filter((file) => file.endsWith('.json'));

test('there are histories of every actor', () => {
  for (const actor of ['integration', 'credential', 'notification', 'replay', 'sweep']) {
    expect(histories.filter((file) => file.includes(actor))).not.toEqual([]);
  }
});

test.each(histories)('the history %s replays', async (file) => {
  const history = historyFromJSON(JSON.parse(readFileSync(path.join(folder, file), 'utf8')));
  quietRuntime();
  await Worker.runReplayHistory(
    { workflowBundle: { codePath: testWorkflowBundle() }, dataConverter },
    history,
  );
});
