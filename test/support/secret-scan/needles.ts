export interface Needle<Label> {
  bytes: Buffer;
  label: Label;
}

export interface Hit<Label> {
  at: number;
  needle: Needle<Label>;
}

interface Entry<Label> {
  needle: Needle<Label>;
  /** Where in the needle the hashed window begins. */
  offset: number;
}

const { imul } = Math;
const base = 0x01000193;
const filterBits = 24;

/**
 * Looks for any number of byte strings in one pass (Rabin and Karp): the hash of a window moves over
 * the text, and what it meets is compared whole.
 *
 * @param windowBytes no needle is shorter
 */
export function createSearch<Label>(needles: readonly Needle<Label>[], windowBytes: number) {
  let highest = 1;
  for (let i = 1; i < windowBytes; i++) highest = imul(highest, base);
  const filter = new Uint8Array(1 << (filterBits - 3));
  const buckets = new Map<number, Entry<Label>[]>();
  for (const needle of needles) {
    const { hash, offset } = rarestWindow(needle.bytes);
    const bucket = buckets.get(hash) ?? [];
    buckets.set(hash, bucket);
    bucket.push({ needle, offset });
    const bit = hash >>> (32 - filterBits);
    filter[bit >>> 3] = (filter[bit >>> 3] ?? 0) | (1 << (bit & 7));
  }

  /** Many secrets begin alike, as webhooks do: another part of them tells them apart. */
  function rarestWindow(bytes: Buffer): { hash: number; offset: number } {
    const last = bytes.length - windowBytes;
    if (last < 0) throw new Error('The needle is shorter than the window.');
    const candidates = [0, last >> 2, last >> 1, last - (last >> 2), last].map((offset) => {
      const hash = hashAt(bytes, offset);
      return { hash, offset, others: buckets.get(hash)?.length ?? 0 };
    });
    return candidates.reduce((rarest, next) => (next.others < rarest.others ? next : rarest));
  }

  function hashAt(bytes: Buffer, from: number): number {
    let hash = 0;
    for (let i = from; i < from + windowBytes; i++) {
      hash = (imul(hash, base) + (bytes[i] ?? 0)) | 0;
    }
    return hash;
  }

  return {
    find(text: Buffer): Hit<Label>[] {
      const hits: Hit<Label>[] = [];
      if (text.length < windowBytes) return hits;
      let hash = hashAt(text, 0);
      for (let at = 0; ; at++) {
        const bit = hash >>> (32 - filterBits);
        if (((filter[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0) {
          for (const { needle, offset } of buckets.get(hash) ?? []) {
            const from = at - offset;
            if (from >= 0 && text.subarray(from, from + needle.bytes.length).equals(needle.bytes)) {
              hits.push({ at: from, needle });
            }
          }
        }
        const next = at + windowBytes;
        if (next >= text.length) return hits;
        hash = (hash - imul(text[at] ?? 0, highest)) | 0;
        hash = (imul(hash, base) + (text[next] ?? 0)) | 0;
      }
    },
  };
}
