import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Guarded, runGuarded } from '../../../src/dev/process/guarded';
import { readStackCommand } from '../../../src/dev/stack/command-line';
import { controlStack } from '../../../src/dev/stack/control';
import { openStackDir } from '../../../src/dev/stack/layout';
import { supervise } from '../../../src/dev/stack/supervise';
import { eventually } from '../../support/eventually';

const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-stack-'));
const paths = openStackDir(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const name = 'worker-1';
/** It can be used once its number is known. */
async function launch(): Promise<Guarded> {
  const running = runGuarded({
    command: 'sleep',
    args: ['600'],
    logFile: paths.logOf(name),
    pidFile: paths.pidOf(name),
    stopSignal: 'SIGTERM',
    graceMs: 5_000,
  });
  await eventually(() => expect(pid()).toBeGreaterThan(0));
  return running;
}
const pid = () => Number(readFileSync(paths.pidOf(name), 'utf8'));
const isReady = () => existsSync(path.join(paths.ready, name));

test('what is killed starts again, what is stopped stays so until it is started, and an end is for good', async () => {
  const said: string[] = [];
  const end = await supervise({ name, launch }, { ...paths, say: (line) => said.push(line) });
  const first = pid();
  process.kill(first, 'SIGKILL');
  await eventually(() => {
    expect(said).toContain(`${name} runs again`);
    expect([pid() === first, isReady()]).toEqual([false, true]);
  });
  expect(said[0]).toBe(`${name} ended (exit code 137): starting it again`);

  // As the command does it, from another process.
  writeFileSync(paths.lock, `${process.pid}\n`);
  expect(await controlStack({ kind: 'stop', name }, paths)).toEqual([`${name} is stopped`]);
  // The process is gone a moment before its guard takes the file away.
  await eventually(() =>
    expect([existsSync(paths.pidOf(name)), isReady()]).toEqual([false, false]),
  );
  expect((await controlStack({ kind: 'list' }, paths)).join('\n')).toMatch(
    /^worker-1 +not ready$/m,
  );
  const [started] = await controlStack({ kind: 'start', name }, paths);
  expect(started).toMatch(/^worker-1 is ready: \d+$/);
  const [again] = await controlStack({ kind: 'restart', name }, paths);
  expect(again).not.toBe(started);

  await end();
  expect([existsSync(paths.pidOf(name)), isReady()]).toEqual([false, false]);
  rmSync(paths.lock);
  await expect(controlStack({ kind: 'list' }, paths)).rejects.toThrow('No stack runs');
}, 30_000);

test('what does not come up the first time is an error, not a thing to repeat', async () => {
  const broken = () => Promise.reject(new Error('it is broken'));
  await expect(
    supervise({ name: 'gateway', launch: broken }, { ...paths, say: () => undefined }),
  ).rejects.toThrow('it is broken');
});

test.each([
  [[], { kind: 'up', port: undefined, temporal: undefined }],
  [['--port', '3000', '--temporal', '/a'], { kind: 'up', port: 3000, temporal: '/a' }],
  [['--help'], { kind: 'help' }],
  [['list'], { kind: 'list' }],
  [['restart', 'gateway-2'], { kind: 'restart', name: 'gateway-2' }],
])('the command line %j', (args, command) => {
  expect(readStackCommand(args)).toEqual(command);
});

test.each([
  [['stop'], '"stop" takes one of proxy, gateway'],
  [['stop', '../x'], '"stop" takes one of'],
  [['remove', 'gateway'], 'no command "remove gateway"'],
  [['stop', 'gateway', 'worker-1'], 'What is "worker-1"?'],
  [['--port', 'x'], '--port takes a number'],
  [['--prot', '1'], '--prot'],
])('the command line %j is refused with a sentence', (args, sentence) => {
  expect(() => readStackCommand(args)).toThrow(sentence);
});
