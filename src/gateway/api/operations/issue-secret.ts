import { randomBytes } from 'node:crypto';
import type { Envelope } from '../../../crypto/envelope';
import type { Queryable } from '../../../db/pool';
import { insertSecret, type SecretPurpose } from '../../../db/queries/integrations/secrets';
import { newId } from '../../../lib/ids';

export interface IssuedSecret {
  id: string;
  /** In plain: shown this once. */
  secret: string;
  createdAt: Date;
}

/** A sender's own, once it was checked. */
export interface GivenSecret {
  text: string;
  /** Of the key. */
  lengthBytes: number;
}

const madeBytes = 32;

/** Stores a secret beside the others. @param given the sender's own; else one is made (Standard Webhooks) */
export async function issueSecret(
  client: Queryable,
  envelope: Envelope,
  to: { integrationId: string; purpose: SecretPurpose },
  given?: GivenSecret,
): Promise<IssuedSecret> {
  const id = newId('sec');
  const secret = given?.text ?? `whsec_${randomBytes(madeBytes).toString('base64')}`;
  const sealed = envelope.seal(secret, `integration_secrets.secret:${id}`);
  const lengthBytes = given?.lengthBytes ?? madeBytes;
  const createdAt = await insertSecret(client, { id, ...to, sealed, lengthBytes });
  return { id, secret, createdAt };
}
