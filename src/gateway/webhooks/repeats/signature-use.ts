import type { SecretHash } from '../../../db/queries/encryption/hash-key';

/**
 * Whom a signature is good for, in a text of its own for each.
 *
 * An integration's account may be of another kind than what its sender's header names (a user's id, and a shop): then it is
 * good for the two together, so that nothing that came for somebody else is good here, nor the other way round.
 *
 * @param named by the header; null where it is left out, which must not make a signature good for anybody
 * @param accounts of the integration; none where it has none, or the address is the application's
 * @returns null where there is nobody to be told from others
 */
export function whomSignatureIsFor(
  named: string | null,
  accounts: readonly string[],
): string | null {
  const [first] = accounts;
  if (named === null) return first === undefined ? null : JSON.stringify([first]);
  const isOfOneKind = first === undefined || accounts.includes(named);
  return JSON.stringify(isOfOneKind ? [named] : [first, named]);
}

/** Of the bytes of a signature, however it was written. */
export const signatureHash = (hash: SecretHash, signature: Buffer): Buffer =>
  hash(signature.toString('base64'));

/** Never that of a signature: Base64 has no colon. */
export const accountHash = (hash: SecretHash, whom: string): Buffer => hash(`account:${whom}`);
