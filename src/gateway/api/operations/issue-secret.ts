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

/** Stores a secret beside the others. @param given the sender's own; else one is made (Standard Webhooks) */
export async function issueSecret(
  client: Queryable,
  envelope: Envelope,
  to: { integrationId: string; purpose: SecretPurpose },
  given?: string,
): Promise<IssuedSecret> {
  const id = newId('sec');
  const secret = given ?? `whsec_${randomBytes(32).toString('base64')}`;
  const sealed = envelope.seal(secret, `integration_secrets.secret:${id}`);
  return { id, secret, createdAt: await insertSecret(client, { id, ...to, sealed }) };
}
