import { type Envelope, EnvelopeError } from '../../src/crypto/envelope';

/**
 * Opens one of a credential's tokens.
 *
 * @returns null where no key of this process opens it: one damaged value must not keep an activity trying for ever
 */
export function openToken(
  envelope: Envelope,
  sealed: Buffer,
  column: 'access_token' | 'refresh_token',
  credentialId: string,
): string | null {
  try {
    return envelope.open(sealed, `credentials.${column}:${credentialId}`);
  } catch (error) {
    if (error instanceof EnvelopeError) return null;
    throw error;
  }
}
