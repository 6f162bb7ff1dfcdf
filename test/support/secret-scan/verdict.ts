import { type SecretKind, secretKinds, type Sink, sinks } from '../recorder/secret-kinds';
import type { Records } from './records';
import type { Finding } from './scan';

export interface Verdict {
  isGood: boolean;
  /** What it looked for and where; then whatever is wrong, a line each. */
  lines: string[];
}

/** @param isWhole every test ran, so that nothing may be lacking */
export function verdict(records: Records, findings: readonly Finding[], isWhole: boolean): Verdict {
  const ofKinds = new Map<SecretKind, number>(secretKinds.map((kind) => [kind, 0]));
  for (const kind of records.secrets.values()) ofKinds.set(kind, (ofKinds.get(kind) ?? 0) + 1);
  const ofSinks = new Map<Sink, number>(sinks.map((sink) => [sink, 0]));
  for (const { sink, bytes } of records.written) {
    ofSinks.set(sink, (ofSinks.get(sink) ?? 0) + bytes.length);
  }
  const wrong = [
    ...findings.map(
      ({ sink, origin, kind, times, before }) =>
        `${kind} in a ${sink} (${origin}), ${times} times, the first after: ${before}`,
    ),
    ...(isWhole ? missing('secret', ofKinds) : []),
    ...(isWhole ? missing('sink', ofSinks) : []),
  ];
  return {
    isGood: wrong.length === 0,
    lines: [
      `Looked for ${list(ofKinds, String)}`,
      `in ${list(ofSinks, (bytes) => `${Math.ceil(bytes / 1024)} KiB`)}.`,
      ...wrong.map((line) => `A secret got out: ${line}`),
    ],
  };
}

function missing(what: string, counts: ReadonlyMap<string, number>): string[] {
  return [...counts]
    .filter(([, count]) => count === 0)
    .map(([name]) => `perhaps; the run made no ${what} of the kind "${name}" to look at`);
}

const list = (counts: ReadonlyMap<string, number>, show: (count: number) => string) =>
  [...counts].map(([name, count]) => `${name}: ${show(count)}`).join(', ');
