import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type SecretKind, secretKinds, type Sink, sinks } from '../recorder/secret-kinds';

/** What one process wrote into one sink. */
export interface Written {
  sink: Sink;
  /** The test file, and what else is known. */
  origin: string;
  bytes: Buffer;
}

export interface Records {
  /** Base64 to kind; what has two kinds keeps its first. */
  secrets: Map<string, SecretKind>;
  written: Written[];
}

/** Reads back what `recorder/record.ts` has appended. */
export function readRecords(folder: string): Records {
  const files = readdirSync(folder).map((name) => {
    const [what = '', origin = ''] = name.split('~');
    return { what, origin: origin.replaceAll('+', '/'), file: path.join(folder, name) };
  });
  const linesOf = (wanted: string) =>
    files
      .filter(({ what }) => what === wanted)
      .flatMap(({ file }) => readFileSync(file, 'utf8').split('\n'))
      .filter((line) => line !== '');

  const secrets = new Map<string, SecretKind>();
  for (const line of linesOf('secrets')) {
    const [name, value = ''] = line.split('\t');
    const kind = secretKinds.find((one) => one === name);
    if (kind === undefined) throw new Error('A secret of an unknown kind was noted.');
    if (!secrets.has(value)) secrets.set(value, kind);
  }
  const takers = new Set(linesOf('takers'));
  const written = files.flatMap(({ what, origin, file }) => {
    const sink = sinks.find((one) => one === what);
    const server = origin.split(', ')[1];
    if (sink === undefined || (server !== undefined && takers.has(server))) return [];
    return [{ sink, origin, bytes: readFileSync(file) }];
  });
  return { secrets, written };
}
