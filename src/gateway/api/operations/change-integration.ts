import { forgetOldDestination } from '../../../db/queries/deliveries/failing-destinations';
import { lockSettings, writeSettings } from '../../../db/queries/integrations/settings';
import { listSecrets } from '../../../db/queries/integrations/secrets';
import { inTransaction } from '../../../db/transaction';
import type { Encryption, HandlerNames, Rows, Settings } from '../../deps';
import { notFound } from '../../http/path-ids';
import type { Auditor, WriteAudit } from '../../operations/audit';
import type { PatchBody } from '../schemas/integration-body';
import { checkDestination, checkHandler, checkMetadata } from './checks';
import { issueSecret } from './issue-secret';

/**
 * Changes what the body names and leaves the rest.
 * @returns the secret of a destination that had none
 * @throws HoldfastError `integration_not_found`, `invalid_request`
 */
export async function changeIntegration(
  deps: Rows & Settings & Encryption & HandlerNames,
  id: string,
  body: PatchBody,
  audit: Auditor,
): Promise<{ destinationSecret: string | null }> {
  const { metadata, destination, handling, ...plain } = body;
  const records = await recordsOf(id, body, audit);
  const changes = {
    ...plain,
    ...(metadata === undefined ? {} : { metadata: checkMetadata(metadata) }),
    ...(destination === undefined
      ? {}
      : {
          destinationUrl:
            destination === null ? null : checkDestination(destination.url, deps.config),
        }),
  };
  return inTransaction(deps.pool, async (client) => {
    const current = await lockSettings(client, id);
    if (current === undefined) throw notFound('int');
    const settings = {
      ...current,
      ...changes,
      handling: { ...current.handling, ...handling },
    };
    checkHandler(deps.handlerNames, settings);
    await writeSettings(client, id, settings);
    await forgetOldDestination(client, id, current, settings);
    for (const record of records) await record(client);
    if (settings.destinationUrl === null) return { destinationSecret: null };
    const secrets = await listSecrets(client, id, 'destination');
    if (secrets.length > 0) return { destinationSecret: null };
    const to = { integrationId: id, purpose: 'destination' } as const;
    return { destinationSecret: (await issueSecret(client, deps.envelope, to)).secret };
  });
}

/** One for the destination, one for everything else that the body names. */
async function recordsOf(
  integrationId: string,
  { destination, ...others }: PatchBody,
  audit: Auditor,
): Promise<WriteAudit[]> {
  const records: WriteAudit[] = [];
  if (destination !== undefined) {
    records.push(await audit({ action: 'destination.changed', integrationId }));
  }
  if (Object.keys(others).length > 0) {
    records.push(await audit({ action: 'integration.changed', integrationId }));
  }
  return records;
}
