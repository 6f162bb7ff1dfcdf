import { shortestSecretBytes } from '../recorder/record';
import type { SecretKind, Sink } from '../recorder/secret-kinds';
import { encodings } from './encodings';
import { createSearch, type Hit } from './needles';
import type { Records } from './records';
import { shapesIn } from './shapes';

/** A secret that is where none may be: never its value. */
export interface Finding {
  sink: Sink;
  origin: string;
  /** Or the shape of one. */
  kind: string;
  times: number;
  /** What stands before the first one, without what could be a secret itself. */
  before: string;
}

/** Every secret of the records in everything that was written. */
export function scan({ secrets, written }: Records): Finding[] {
  const needles = [...secrets].flatMap(([value, label]) =>
    encodings(Buffer.from(value, 'base64')).map((bytes) => ({ bytes, label })),
  );
  const search = createSearch(needles, shortestSecretBytes);
  const findings = new Map<string, Finding>();
  for (const { sink, origin, bytes } of written) {
    const known = search
      .find(bytes)
      .filter((hit) => !isWithinWords(bytes, hit) && !belongs(sink, hit.needle.label));
    const hits = [...known.map(named), ...shapesIn(bytes)];
    const ends = new Map<string, number>();
    for (const { at, kind, end } of hits.sort((a, b) => a.at - b.at)) {
      // One place, found in two ways.
      if (at < (ends.get(kind) ?? 0)) continue;
      ends.set(kind, end);
      const key = [sink, origin, kind].join('\t');
      const finding = findings.get(key) ?? {
        ...{ sink, origin, kind, times: 0 },
        before: wordsBefore(bytes, at),
      };
      finding.times++;
      findings.set(key, finding);
    }
  }
  return [...findings.values()];
}

/** A notification's address carries it to the application, whose business it is to pass it on. */
const belongs = (sink: Sink, kind: SecretKind): boolean =>
  kind === 'reconnect code' && sink === 'request to an application';

const named = ({ at, needle }: Hit<SecretKind>) => ({
  ...{ at, end: at + needle.bytes.length },
  kind: needle.label as string,
});

const words = /^[a-z]+(?:-[a-z]+)*$/;

/** `the-refresh-token` of one test is no finding in `the-refresh-token-is-missing`, a name of another. */
function isWithinWords(text: Buffer, { at, needle: { bytes } }: Hit<SecretKind>): boolean {
  if (!words.test(bytes.toString('latin1'))) return false;
  const end = at + bytes.length;
  const around =
    text.toString('latin1', Math.max(0, at - 1), at) + text.toString('latin1', end, end + 1);
  return /[\w-]/.test(around);
}

function wordsBefore(bytes: Buffer, at: number): string {
  return bytes
    .subarray(Math.max(0, at - 400), at)
    .toString('latin1')
    .replaceAll(/[^ -~]+/g, ' ')
    .replaceAll(/[\w+/=%-]{12,}/g, '*')
    .slice(-60);
}
