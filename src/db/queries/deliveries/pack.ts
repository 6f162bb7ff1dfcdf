import type { NewDelivery } from './new-delivery';

/** Each delivery's hash, headers and body, one behind the other, in one value. */
export interface PackedDeliveries {
  bytes: Buffer;
  /** Where each delivery's begin. */
  starts: number[];
  hashLengths: number[];
  headersLengths: number[];
  bodyLengths: number[];
}

type Parts = Pick<NewDelivery, 'dedupeHash' | 'headers' | 'body'>;

export function packDeliveries(batch: readonly Parts[]): PackedDeliveries {
  const starts: number[] = [];
  const hashLengths = batch.map(({ dedupeHash }) => dedupeHash.length);
  const headersLengths = batch.map(({ headers }) => Buffer.byteLength(headers));
  const bodyLengths = batch.map(({ body }) => body.length);
  const lengths = [hashLengths, headersLengths, bodyLengths];
  const bytes = Buffer.allocUnsafe(lengths.flat().reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const { dedupeHash, headers, body } of batch) {
    starts.push(at);
    at += dedupeHash.copy(bytes, at);
    at += bytes.write(headers, at);
    at += body.copy(bytes, at);
  }
  return { bytes, starts, hashLengths, headersLengths, bodyLengths };
}

/** A parameter of type `int[]`; `pg` would quote and escape each number. */
export function intArray(numbers: readonly number[]): string {
  return `{${numbers.join(',')}}`;
}
