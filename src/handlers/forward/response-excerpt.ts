import type { Readable } from 'node:stream';
import { storedText } from '../../lib/storable-text';
import { unpackBeginning } from './decompress-prefix';

const limitBytes = 2048;

/** The status is known by then; a destination that dawdles over its body must not hold the queue. */
const patienceMs = 2000;

/** The beginning of an answer's body as text; empty where it can't be unpacked. Never throws. */
export async function answerExcerpt(body: Readable, encoding: string | undefined): Promise<string> {
  // It is destroyed below, and an error that nobody listens to ends the process.
  body.on('error', () => undefined);
  const timer = setTimeout(() => body.destroy(), patienceMs);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > limitBytes) break;
    }
  } catch {
    // What came before it broke off is as good as any.
  } finally {
    clearTimeout(timer);
  }
  const bytes = unpackBeginning(Buffer.concat(chunks).subarray(0, limitBytes), encoding);
  return storedText(bytes.subarray(0, limitBytes).toString('utf8'), limitBytes);
}
