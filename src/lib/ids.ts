import { randomFillSync } from 'node:crypto';
import { V7Generator } from 'uuidv7';

type Kind = 'int' | 'crd' | 'dlv' | 'ntc' | 'sec' | 'ses' | 'rpl' | 'key' | 'aud';

/** Asked for a few words at a time, the system's randomness takes longer than everything else about an id. */
const words = new Uint32Array(1_024);
let used = words.length;

function nextUint32(): number {
  if (used === words.length) {
    randomFillSync(words);
    used = 0;
  }
  return words[used++] ?? 0;
}

const generator = new V7Generator({ nextUint32 });

/** An opaque id that grows with time, so that indexes stay compact: `dlv_0199…`, 36 characters. */
export function newId(kind: Kind): string {
  return `${kind}_${generator.generate().toHex()}`;
}
