import type { EncryptionKey } from '../crypto/envelope';
import type { Settings } from './settings';

const form = /^([A-Za-z0-9._-]{1,64}):([A-Za-z0-9+/]{43}=)$/;

/** `HOLDFAST_KEYS`: the first seals, all open. */
export function sealingKeys(settings: Settings): EncryptionKey[] {
  const keys: EncryptionKey[] = [];
  for (const part of settings.list('HOLDFAST_KEYS')) {
    const [, id, encoded] = form.exec(part) ?? [];
    const wrong =
      id === undefined
        ? 'an entry is malformed'
        : keys.some((key) => key.id === id)
          ? 'an id stands there twice'
          : undefined;
    if (wrong !== undefined) {
      settings.report('HOLDFAST_KEYS', wrong, 'id:base64 of 32 bytes, comma-separated');
    } else if (id !== undefined && encoded !== undefined) {
      keys.push({ id, key: Buffer.from(encoded, 'base64') });
    }
  }
  return keys;
}
