import type { PoolClient } from 'pg';
import { workflowIds } from '../../workflows/contract/ids';
import type { Envelope } from '../crypto/envelope';
import type { Pool } from '../db/pool';
import { type DeletedCredential, queueRevocations } from '../db/queries/credentials/revocations';
import { noteDeletedActors } from '../db/queries/integrations/deleted-actors';
import {
  endConfirmations,
  lockExpiredConfirmations,
  lockOpenConfirmation,
  type Unconfirmed,
} from '../db/queries/people/confirmations';
import { openGrantOrNull } from '../db/queries/people/waiting-grant';
import { inTransaction } from '../db/transaction';
import { newId } from '../lib/ids';
import { mayRevoke } from '../oauth/revoke';
import type { Registry } from '../providers/registry';

interface Means {
  envelope: Envelope;
  registry: Registry;
}

const pageSize = 100;

/**
 * Queues the revocation of tokens that nobody will confirm any more, as if each had been a deleted credential's: under an
 * id of its own, since the credential that they were for may be deleted too, and may have several of them.
 *
 * @returns those ids, whose actors revoke
 */
export async function revokeUnconfirmed(
  client: PoolClient,
  { envelope, registry }: Means,
  rows: readonly Unconfirmed[],
): Promise<string[]> {
  const credentials = rows.flatMap((row): DeletedCredential[] => {
    const provider = registry.get(row.provider);
    if (provider !== undefined && !mayRevoke(provider)) return [];
    const waiting = waitingIn(envelope, row);
    if (waiting === null) return [];
    const { accessToken, refreshToken } = waiting.grant;
    const { userId, provider: name, accountId } = row;
    const id = newId('crd');
    return [
      {
        ...{ id, userId, provider: name, accountId, parameters: waiting.parameters },
        ...{ version: 1, presentingUntil: null },
        accessToken: envelope.seal(accessToken, `credentials.access_token:${id}`),
        refreshToken:
          refreshToken === undefined
            ? null
            : envelope.seal(refreshToken, `credentials.refresh_token:${id}`),
      },
    ];
  });
  await queueRevocations(client, credentials);
  const ids = credentials.map(({ id }) => id);
  await noteDeletedActors(
    client,
    ids.map((id) => workflowIds.credential(id)),
  );
  return ids;
}

const waitingIn = (envelope: Envelope, { codeHash, sealedGrant }: Unconfirmed) =>
  sealedGrant === null ? null : openGrantOrNull(envelope, codeHash, sealedGrant);

/** Ends one that its person says no to. @returns as `revokeUnconfirmed` */
export function cancelConfirmation(
  { pool, ...means }: Means & { pool: Pool },
  codeHash: Buffer,
): Promise<string[]> {
  return inTransaction(pool, async (client) => {
    const row = await lockOpenConfirmation(client, codeHash);
    if (row === undefined) return [];
    const ids = await revokeUnconfirmed(client, means, [row]);
    await endConfirmations(client, [codeHash], { outcome: 'cancelled' });
    return ids;
  });
}

/** Ends those whose time is over. The key of one that can't be opened may come back. @returns as `revokeUnconfirmed` */
export async function endExpiredConfirmations({
  pool,
  ...means
}: Means & { pool: Pool }): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    const from: string = after;
    const page = await inTransaction(pool, async (client) => {
      const rows = await lockExpiredConfirmations(client, { after: from, limit: pageSize });
      const readable = rows.filter((row) => waitingIn(means.envelope, row) !== null);
      ids.push(...(await revokeUnconfirmed(client, means, readable)));
      const hashes = readable.map(({ codeHash }) => codeHash);
      await endConfirmations(client, hashes, { outcome: 'expired' });
      return rows;
    });
    const last = page.length < pageSize ? undefined : page.at(-1);
    after = last?.codeHash.toString('hex');
  }
  return ids;
}
