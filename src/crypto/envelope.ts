import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { SealedContext } from './encrypted-columns';

/** A key that seals secrets at rest; `key` has 32 bytes. */
export interface EncryptionKey {
  id: string;
  key: Buffer;
}

/** A sealed value that can't be opened; the message names no secret. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError';

  constructor(
    readonly code: 'unknown_key' | 'tampered' | 'malformed',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Seals secrets at rest. `context` says where the value belongs (`credentials.refresh_token:crd_…`):
 * bytes that were copied to another row or column don't open there.
 */
export interface Envelope {
  seal(plaintext: string, context: SealedContext): Buffer;
  /** @throws EnvelopeError `unknown_key`, `tampered` (or of another context) or `malformed` */
  open(sealed: Buffer, context: string): string;
}

/** @returns null where no key of this process opens it: one damaged value must not keep its reader trying for ever */
export function openOrNull(envelope: Envelope, sealed: Buffer, context: string): string | null {
  try {
    return envelope.open(sealed, context);
  } catch (error) {
    if (error instanceof EnvelopeError) return null;
    throw error;
  }
}

// format (1 byte) | length of the key's id (1) | key's id | nonce (12) | tag (16) | ciphertext
const format = 1;
const nonceBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM (NIST SP 800-38D) with the key's id in the bytes: the first key seals, all open.
 * @throws Error where there is no key, an id is doubled or too long, or a key hasn't 32 bytes
 */
export function createEnvelope(keys: readonly EncryptionKey[]): Envelope {
  const byId = checkKeys(keys);
  const [first] = keys;
  if (first === undefined) throw new Error('An envelope needs at least one key.');
  const head = headOf(first.id);

  return {
    seal(plaintext, context) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', first.key, nonce, { authTagLength: tagBytes });
      cipher.setAAD(associatedData(head, context));
      const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
      return Buffer.concat([head, nonce, cipher.getAuthTag(), ciphertext]);
    },
    open(sealed, context) {
      const parts = split(sealed);
      const key = byId.get(parts.keyId);
      if (key === undefined) {
        throw new EnvelopeError(
          'unknown_key',
          `A value is sealed with the unknown key "${parts.keyId}".`,
        );
      }
      const decipher = createDecipheriv('aes-256-gcm', key, parts.nonce, {
        authTagLength: tagBytes,
      });
      decipher.setAAD(associatedData(parts.head, context));
      decipher.setAuthTag(parts.tag);
      try {
        return Buffer.concat([decipher.update(parts.ciphertext), decipher.final()]).toString(
          'utf8',
        );
      } catch (cause) {
        throw new EnvelopeError('tampered', 'A sealed value was changed or moved.', { cause });
      }
    },
  };
}

function checkKeys(keys: readonly EncryptionKey[]): Map<string, Buffer> {
  const byId = new Map<string, Buffer>();
  for (const { id, key } of keys) {
    const idBytes = Buffer.byteLength(id);
    if (idBytes === 0 || idBytes > 255) throw new Error('A key id has 1 to 255 bytes.');
    if (byId.has(id)) throw new Error(`There are two keys with the id "${id}".`);
    if (key.length !== 32) throw new Error(`The key "${id}" doesn't have 32 bytes.`);
    byId.set(id, key);
  }
  return byId;
}

function headOf(keyId: string): Buffer {
  const id = Buffer.from(keyId);
  return Buffer.concat([Buffer.from([format, id.length]), id]);
}

/** The head is authenticated too; its length is inside it, so it can't run into the context. */
function associatedData(head: Buffer, context: string): Buffer {
  return Buffer.concat([head, Buffer.from(context)]);
}

function split(sealed: Buffer) {
  const headBytes = 2 + (sealed[1] ?? 0);
  if (sealed[0] !== format || sealed.length < headBytes + nonceBytes + tagBytes) {
    throw new EnvelopeError('malformed', 'A sealed value has an unknown form.');
  }
  const tagAt = headBytes + nonceBytes;
  return {
    keyId: sealed.subarray(2, headBytes).toString('utf8'),
    head: sealed.subarray(0, headBytes),
    nonce: sealed.subarray(headBytes, tagAt),
    tag: sealed.subarray(tagAt, tagAt + tagBytes),
    ciphertext: sealed.subarray(tagAt + tagBytes),
  };
}
