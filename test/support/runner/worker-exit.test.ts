import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const runtime = JSON.stringify(path.join(__dirname, 'runtime.cjs'));

/** A process of Jest's, as far as it listens: until there are no more files. */
function startWorker() {
  const script = `
    require(${runtime});
    process.on('message', function end() { process.off('message', end); });
    process.send('ready');`;
  return spawn(process.execPath, ['-e', script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

test.each([
  ['ends by itself once there are no more files', 'send', 0],
  ['ends where the run is killed', 'disconnect', 1],
] as const)('a process of a run %s', async (_what, how, code) => {
  const worker = startWorker();
  await once(worker, 'message');
  if (how === 'send') worker.send('end');
  else worker.disconnect();
  expect(await once(worker, 'exit')).toEqual([code, null]);
});
