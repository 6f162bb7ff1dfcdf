import type { PoolClient } from 'pg';
import { workflowIds } from '../../workflows/contract/ids';
import type { Envelope } from '../crypto/envelope';
import type { Pool } from '../db/pool';
import type { NewGrant } from '../db/queries/credentials/store-tokens';
import { type DeletedCredential, queueRevocations } from '../db/queries/credentials/revocations';
import { noteDeletedActors } from '../db/queries/integrations/deleted-actors';
import {
  deleteConfirmations,
  endConfirmations,
  endUnopened,
  forgetJourneys,
  lockExpiredConfirmations,
  lockOpenConfirmation,
  type Unconfirmed,
} from '../db/queries/people/confirmation-ends';
import type { NotStored } from '../db/queries/people/confirmations';
import { openGrantOrNull } from '../db/queries/people/waiting-grant';
import { inTransaction } from '../db/transaction';
import { newId } from '../lib/ids';
import type { Logger } from '../lib/log';
import { mayRevoke } from '../oauth/revoke';
import type { Registry } from '../providers/registry';

interface Means {
  envelope: Envelope;
  registry: Registry;
  log: Logger;
}

interface Revoked {
  /** Of the actors that revoke. */
  ids: string[];
  /** Whose tokens are no longer needed here. */
  done: Buffer[];
  /** Whose tokens no key of this process opens: dropped, they would stay good at their provider. */
  unopened: Buffer[];
}

const pageSize = 100;

/**
 * Queues the revocation of tokens that nobody will confirm any more, as if each had been a deleted credential's: under an
 * id of its own, since the credential that they were for may be deleted too, and may have several of them.
 */
async function revoke(
  client: PoolClient,
  means: Omit<Means, 'log'>,
  rows: readonly Unconfirmed[],
): Promise<Revoked> {
  const found = rows.map((row) => ({ row, credential: revocable(means, row) }));
  const credentials = found.flatMap(({ credential }) => credential ?? []);
  await queueRevocations(client, credentials);
  const ids = credentials.map(({ id }) => id);
  await noteDeletedActors(
    client,
    ids.map((id) => workflowIds.credential(id)),
  );
  const hashesOf = (isUnopened: boolean) =>
    found
      .filter(({ credential }) => (credential === null) === isUnopened)
      .map(({ row }) => row.codeHash);
  return { ids, done: hashesOf(false), unopened: hashesOf(true) };
}

/** @returns undefined where there is nothing to revoke; null where no key opens it */
function revocable(
  { envelope, registry }: Omit<Means, 'log'>,
  { codeHash, sealedGrant, userId, provider: name, accountId }: Unconfirmed,
): DeletedCredential | undefined | null {
  const provider = registry.get(name);
  if (sealedGrant === null || (provider !== undefined && !mayRevoke(provider))) return undefined;
  const waiting = openGrantOrNull(envelope, codeHash, sealedGrant);
  if (waiting === null) return null;
  const { accessToken, refreshToken } = waiting.grant;
  const id = newId('crd');
  return {
    ...{ id, userId, provider: name, accountId, parameters: waiting.parameters },
    ...{ version: 1, presentingUntil: null },
    accessToken: envelope.seal(accessToken, `credentials.access_token:${id}`),
    refreshToken:
      refreshToken === undefined
        ? null
        : envelope.seal(refreshToken, `credentials.refresh_token:${id}`),
  };
}

/** Once for each: whoever comes by later finds that it has ended. */
function noteUnopened(log: Logger, rows: readonly Unconfirmed[], unopened: readonly Buffer[]) {
  const count = rows.filter((row) => !row.hasEnded && unopened.includes(row.codeHash)).length;
  if (count === 0) return;
  log.warn(
    { event: 'confirmation.unreadable', count },
    'Tokens that nobody confirmed can not be decrypted: they are revoked once their key is back',
  );
}

/** @returns the ids of the actors that revoke; undefined where it was not open any more */
export function endConfirmation(
  { pool, ...means }: Means & { pool: Pool },
  codeHash: Buffer,
  end: { outcome: 'cancelled' | NotStored; came?: NewGrant['account'] },
): Promise<string[] | undefined> {
  return inTransaction(pool, async (client) => {
    const row = await lockOpenConfirmation(client, codeHash);
    if (row === undefined) return undefined;
    const { ids, done, unopened } = await revoke(client, means, [row]);
    await endConfirmations(client, done, end);
    await endUnopened(client, unopened, end.outcome);
    noteUnopened(means.log, [row], unopened);
    return ids;
  });
}

/** Ends those whose time is over, and revokes what no key opened before. @returns the ids of the actors that revoke */
export async function endExpiredConfirmations({
  pool,
  ...means
}: Means & { pool: Pool }): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    const from: string = after;
    const page = await inTransaction(pool, async (client) => {
      const rows = await lockExpiredConfirmations(client, { after: from, limit: pageSize });
      const revoked = await revoke(client, means, rows);
      await endConfirmations(client, revoked.done, { outcome: 'expired' });
      await endUnopened(client, revoked.unopened, 'expired');
      return { rows, ...revoked };
    });
    noteUnopened(means.log, page.rows, page.unopened);
    ids.push(...page.ids);
    const last = page.rows.length < pageSize ? undefined : page.rows.at(-1);
    after = last?.codeHash.toString('hex');
  }
  return ids;
}

/**
 * Deletes those of a deletion, with whatever of them is no longer needed where their tokens have to wait for a key.
 * @returns the ids of the actors that revoke
 */
export async function deleteUnconfirmed(
  client: PoolClient,
  means: Means,
  rows: readonly Unconfirmed[],
): Promise<string[]> {
  const { ids, done, unopened } = await revoke(client, means, rows);
  await deleteConfirmations(client, done);
  await endUnopened(client, unopened, 'not_found');
  await forgetJourneys(client, unopened);
  noteUnopened(means.log, rows, unopened);
  return ids;
}
