import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { holdfast, temporaryFolder } from '../support/processes/holdfast';
import { ownPorts } from './own-ports';
import { nothingLeft } from './processes-of';

jest.setTimeout(180_000);

const folder = temporaryFolder();
const { dir } = folder;

afterEach(() => nothingLeft(dir));
afterAll(() => folder.remove());

const demo = (env: Record<string, string>) =>
  holdfast([], { cwd: dir, env, script: 'dev/demo/main.js' });

test('the story happens on a stack of its own, of which nothing is left', async () => {
  const run = demo(await ownPorts());
  expect([await run.ended, run.output()]).toEqual([
    0,
    expect.stringContaining('Every step was seen.'),
  ]);
  expect(run.output()).toMatch(/ERROR after [01]\.\d\d s: invalid_grant/);
  expect(run.output()).toMatch(/handled [01]\.\d\d s after the consent/);
  expect(readdirSync(path.join(dir, '.holdfast'))).toEqual([]);
});

test('a demo that is ended takes its stack with it', async () => {
  const run = demo(await ownPorts());
  await run.says('starting the gateway');
  run.child.kill('SIGTERM');
  expect(await run.ended).toBe(143);
  await nothingLeft(dir);
});

test('on a running stack where a step does not happen it says which, and fails', async () => {
  writeFileSync(
    path.join(dir, 'holdfast.config.mjs'),
    "export default { providers: { playground: { webhook: { scheme: 'standard-webhooks' } } } };\n",
  );
  const env = await ownPorts();
  const stack = holdfast(['start'], { cwd: dir, env });
  try {
    await stack.says('] ready');
    const run = demo(env);
    expect([await run.ended, run.output()]).toEqual([
      1,
      expect.stringContaining('The story ends here.'),
    ]);
    expect(run.output()).toContain('where Holdfast runs');
    expect(run.output()).toMatch(/1 connect through the session link\n/);
    expect(run.output()).not.toContain('2 five');
  } finally {
    stack.child.kill('SIGTERM');
    await stack.ended;
  }
});
