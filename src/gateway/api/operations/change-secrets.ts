import type { PoolClient } from 'pg';
import {
  deleteSecret,
  listSecrets,
  lockIntegration,
  type SecretPurpose,
} from '../../../db/queries/integrations/secrets';
import { inTransaction } from '../../../db/transaction';
import { HoldfastError } from '../../../lib/errors';
import type { Encryption, Rows } from '../../deps';
import { notFound } from '../../http/path-ids';
import type { WriteAudit } from '../../operations/audit';
import { type GivenSecret, type IssuedSecret, issueSecret } from './issue-secret';

interface Secrets {
  integrationId: string;
  purpose: SecretPurpose;
}

/** A request that is verified or signed goes through all of them. */
const maxSecrets = 10;

/** One more beside the old ones. @throws HoldfastError `integration_not_found`, `invalid_request` */
export async function addSecret(
  { pool, envelope }: Rows & Encryption,
  to: Secrets,
  record: WriteAudit,
  given?: GivenSecret,
): Promise<IssuedSecret> {
  return inTransaction(pool, async (client) => {
    const current = await lockSecrets(client, to);
    if (current.length < maxSecrets) {
      await record(client);
      return issueSecret(client, envelope, to, given);
    }
    const message = `There are ${maxSecrets} secrets already. Retire one of them first.`;
    throw new HoldfastError('invalid_request', message);
  });
}

/** @throws HoldfastError `integration_not_found`, `secret_not_found`, `invalid_request` for the last one */
export async function retireSecret(
  { pool }: Rows,
  of: Secrets,
  secretId: string,
  record: WriteAudit,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    const current = await lockSecrets(client, of);
    if (!current.some(({ id }) => id === secretId)) throw notFound('sec');
    if (current.length > 1) {
      await record(client);
      await deleteSecret(client, secretId);
      return;
    }
    const message = 'This is the only secret. Add another one before you retire it.';
    throw new HoldfastError('invalid_request', message);
  });
}

async function lockSecrets(client: PoolClient, { integrationId, purpose }: Secrets) {
  if (!(await lockIntegration(client, integrationId))) throw notFound('int');
  return listSecrets(client, integrationId, purpose);
}
