import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** The 32 bytes of SHA-256. */
export function sha256(value: string | Uint8Array): Buffer {
  return hash('sha256', value, 'buffer');
}

/** The 32 bytes of HMAC-SHA-256 (RFC 2104). */
export function keyedHash(key: Buffer, value: string): Buffer {
  return createHmac('sha256', key).update(value).digest();
}

/** Compares secrets in a time that tells neither their lengths nor where they differ. */
export function equalSecrets(a: string | Uint8Array, b: string | Uint8Array): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}

/** A URL-safe random token (base64url without padding) of that many bytes of randomness. */
export function randomToken(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
