import { openSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { SecretKind, Sink } from './secret-kinds';

/**
 * The folder of the run's records; nothing is recorded where it isn't set. No name of a setting: the
 * demo takes those away from the stack that it starts.
 */
export const folderVariable = 'SUITE_RECORDS';
/** The test file that a process belongs to. */
export const originVariable = 'SUITE_ORIGIN';

/** Shorter ones turn up by accident. */
export const shortestSecretBytes = 12;
const longestSecretBytes = 1_024;
const sliceBytes = 96;
/** Of one kind in one process: the tests of load make more than need to be looked for. */
const mostOfAKind = 20_000;

const open = new Map<string, number>();
/** By folder and kind. */
const noted = new Map<string, Set<string>>();

/** Appends, so that processes that are killed leave what they had. */
export function append(name: string, data: string | Uint8Array): void {
  const folder = process.env[folderVariable];
  if (folder === undefined) return;
  const file = path.join(folder, `${name}~${process.pid}`);
  const descriptor = open.get(file) ?? openSync(file, 'a', 0o600);
  open.set(file, descriptor);
  if (typeof data === 'string') writeSync(descriptor, data);
  else writeSync(descriptor, data);
}

/** Remembers a secret that this run made, to look for it everywhere at the end of the run. */
export function noteSecret(kind: SecretKind, value: string | Uint8Array): void {
  const bytes = Buffer.from(value);
  const key = `${process.env[folderVariable] ?? ''} ${kind}`;
  const known = noted.get(key) ?? new Set();
  noted.set(key, known);
  for (const part of slices(bytes)) {
    if (part.length < shortestSecretBytes || known.size >= mostOfAKind) continue;
    const text = part.toString('base64');
    if (known.has(text)) continue;
    known.add(text);
    append('secrets', `${kind}\t${text}\n`);
  }
}

/** Of what is long, its beginning, middle and end: a log would quote a part of it. */
function slices(bytes: Buffer): Buffer[] {
  if (bytes.length <= longestSecretBytes) return [bytes];
  const middle = Math.floor((bytes.length - sliceBytes) / 2);
  return [0, middle, bytes.length - sliceBytes].map((from) =>
    bytes.subarray(from, from + sliceBytes),
  );
}

/** Keeps what was written somewhere where no secret may be. */
export function noteText(sink: Sink, text: string | Uint8Array, detail = ''): void {
  const origin = `${process.env[originVariable] ?? 'the run'}${detail === '' ? '' : `, ${detail}`}`;
  const name = `${sink}~${origin.replaceAll('/', '+')}`;
  append(name, text);
  append(name, '\n');
}

/** Tokens are meant for this server: what it was sent is no finding. */
export function noteTaker(server: string): void {
  append('takers', `${server}\n`);
}
