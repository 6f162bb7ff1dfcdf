import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { holdfast, temporaryFolder } from '../support/processes/holdfast';

/** It says where it is sent and what it is passed, and with `wait` waits for a signal. */
const script = `#!/bin/sh
if [ "$*" = "--version" ]; then echo "temporal version 1.8.2 (Server 1)"; exit 0; fi
echo "at $TEMPORAL_ADDRESS in \${TEMPORAL_NAMESPACE:-none}"
for argument in "$@"; do echo "[$argument]"; done
if [ "$1" = wait ]; then
  trap 'echo ended; exit 9' TERM INT
  echo waiting
  while :; do sleep 0.05; done
fi
if [ "$1" = die ]; then kill -KILL $$; fi
exit 7
`;

const folder = temporaryFolder();
const bin = path.join(folder.dir, 'bin');
beforeAll(() => {
  mkdirSync(bin);
  writeFileSync(path.join(bin, 'temporal'), script);
  chmodSync(path.join(bin, 'temporal'), 0o755);
});
afterAll(() => folder.remove());

const run = (args: string[], env: Record<string, string> = {}) =>
  holdfast(['temporal', ...args], {
    cwd: folder.dir,
    env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, ...env },
  });

test('arguments, address, namespace and exit code go through untouched', async () => {
  const own = run(['workflow', 'list', '--query', 'a = "b c"', '--help', '--'], {
    HOLDFAST_TEMPORAL_PORT: '7299',
  });
  expect([await own.ended, own.output()]).toEqual([
    7,
    'at 127.0.0.1:7299 in none\n[workflow]\n[list]\n[--query]\n[a = "b c"]\n[--help]\n[--]\n',
  ]);
  const named = run([], { TEMPORAL_ADDRESS: 'there:7233', TEMPORAL_NAMESPACE: 'apart' });
  expect([await named.ended, named.output()]).toEqual([7, 'at there:7233 in apart\n']);
  const version = run(['--version']);
  expect([await version.ended, version.output()]).toEqual([
    0,
    'temporal version 1.8.2 (Server 1)\n',
  ]);
  const died = run(['die']);
  expect(await died.ended).toBe(137);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s is passed on, and its end is waited for',
  async (signal) => {
    const waiting = run(['wait']);
    await waiting.says('waiting');
    waiting.child.kill(signal);
    expect([await waiting.ended, waiting.output()]).toEqual([9, expect.stringMatching(/ended\n$/)]);
  },
);
