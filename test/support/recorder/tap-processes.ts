import childProcess, { type ChildProcess, type SpawnOptions } from 'node:child_process';
import type { Readable } from 'node:stream';
import { folderVariable, noteSecret, noteText, originVariable } from './record';

const passedOn = [folderVariable, originVariable, 'NODE_OPTIONS'];

/** Keeps what started processes print; those that run Node read along, too. */
export function tapProcesses(): void {
  const { spawn } = childProcess as { spawn: (...parts: unknown[]) => ChildProcess };
  const tapped = (command: string, args?: unknown, options?: SpawnOptions) => {
    noteSettings(options?.env ?? {});
    const child =
      options?.env === undefined || command !== process.execPath
        ? spawn(command, args, options)
        : spawn(command, args, { ...options, env: { ...options.env, ...readingAlong() } });
    for (const stream of [child.stdout, child.stderr]) if (stream !== null) keep(stream);
    return child;
  };
  Object.assign(childProcess, { spawn: tapped });
}

function readingAlong(): Record<string, string> {
  return Object.fromEntries(
    passedOn.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** Listening would make the stream flow before its reader is there. */
function keep(stream: Readable): void {
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding) => {
    if (chunk instanceof Uint8Array) noteText('process output', withoutConsoles(chunk));
    return push(chunk, encoding);
  };
}

/** What a page's console says stays in its person's browser, which has their links anyway; Chromium prints it. */
function withoutConsoles(chunk: Uint8Array): Uint8Array {
  const text = Buffer.from(chunk).toString('latin1');
  return Buffer.from(text.replaceAll(/^\[.*:CONSOLE[:(].*$/gm, ''), 'latin1');
}

function noteSettings(env: NodeJS.ProcessEnv): void {
  for (const key of (env['HOLDFAST_API_KEYS'] ?? '').split(',')) noteSecret('api key', key);
  for (const pair of (env['HOLDFAST_KEYS'] ?? '').split(',')) {
    noteSecret('sealing key', Buffer.from(pair.slice(pair.indexOf(':') + 1), 'base64'));
  }
  noteSecret('notify secret', env['HOLDFAST_NOTIFY_SECRET'] ?? '');
  for (const [name, value] of Object.entries(env)) {
    if (name.endsWith('_CLIENT_SECRET')) noteSecret('client secret', value ?? '');
    if (name.endsWith('_WEBHOOK_SECRET')) noteSecret('webhook secret', value ?? '');
  }
}
