import { sha256 } from '../crypto/hash';

/** A status as its readers get it, made once for all of a person's streams. */
export interface StatusEvent {
  text: string;
  bytes: Buffer;
}

/** @param text of a `PersonStatus`. The same one has the same id, at whichever gateway. */
export function statusEvent(text: string): StatusEvent {
  const id = sha256(text).toString('base64url').slice(0, 16);
  return { text, bytes: Buffer.from(`id: ${id}\nevent: status\ndata: ${text}\n\n`) };
}
