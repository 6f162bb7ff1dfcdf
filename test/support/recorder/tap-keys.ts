import crypto from 'node:crypto';
import { noteSecret } from './record';
import type { SecretKind } from './secret-kinds';

/** Notes every key that something is signed or sealed with. */
export function tapKeys(): void {
  wrap('createHmac', 'signing key');
  wrap('createCipheriv', 'sealing key');
}

function wrap(name: 'createHmac' | 'createCipheriv', kind: SecretKind): void {
  const functions = crypto as unknown as Record<string, (...parts: unknown[]) => unknown>;
  const original = functions[name];
  functions[name] = (algorithm, key, ...rest) => {
    if (typeof key === 'string' || key instanceof Uint8Array) noteSecret(kind, key);
    return original?.(algorithm, key, ...rest);
  };
}
