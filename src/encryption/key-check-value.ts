import type { EncryptionKey } from '../crypto/envelope';
import { createEnvelope, EnvelopeError } from '../crypto/envelope';
import type { SealedContext } from '../crypto/encrypted-columns';
import type { KnownKey } from '../db/queries/encryption/keys';

const text = 'holdfast';

const context = (id: string): SealedContext => `sealing_keys.known_text:${id}`;

/** What shows later whether a key of this id is this key. */
export function knownTextOf(key: EncryptionKey): KnownKey {
  return { id: key.id, knownText: createEnvelope([key]).seal(text, context(key.id)) };
}

/** Whether these are the bytes that the key of this id had when it was first used. */
export function isKnownKey(key: EncryptionKey, { id, knownText }: KnownKey): boolean {
  return opens(key, knownText, context(id));
}

/** Whether a value opens with this one key. */
export function opens(key: EncryptionKey, sealed: Buffer, where: string): boolean {
  try {
    createEnvelope([key]).open(sealed, where);
    return true;
  } catch (error) {
    if (error instanceof EnvelopeError) return false;
    throw error;
  }
}
