import { uuidv7 } from 'uuidv7';

type Kind = 'int' | 'crd' | 'dlv' | 'ntc' | 'sec' | 'ses' | 'rpl';

/** An opaque id that grows with time, so that indexes stay compact: `dlv_0199…`, 36 characters. */
export function newId(kind: Kind): string {
  return `${kind}_${uuidv7().replaceAll('-', '')}`;
}
