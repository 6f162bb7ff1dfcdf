import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { historyFolder, isRecording, keepHistory, replays } from './kept-histories';
import { playHistories } from './play-histories';

if (isRecording) {
  test('records histories', async () => {
    for (const [name, history] of await playHistories()) keepHistory(name, history);
  }, 300_000);
}

const histories = readdirSync(historyFolder).filter((file) => file.endsWith('.json'));

test('there are histories of every actor', () => {
  for (const actor of ['integration', 'credential', 'notification', 'replay', 'sweep']) {
    expect(histories.filter((file) => file.includes(actor))).not.toEqual([]);
  }
});

test.each(histories)('the history %s replays', async (file) => {
  const text = readFileSync(path.join(historyFolder, file), 'utf8');
  await replays(historyFromJSON(JSON.parse(text)));
});
