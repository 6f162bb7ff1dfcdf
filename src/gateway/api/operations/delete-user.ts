import { loadSubjectHash } from '../../../db/queries/encryption/hash-key';
import { deleteAnswersAbout } from '../../../db/queries/idempotency-keys';
import {
  deleteUserRows,
  listSomeDeleted,
  markSomeDeleted,
} from '../../../db/queries/people/delete';
import { lockConfirmationsOf } from '../../../db/queries/people/confirmation-ends';
import { inTransaction } from '../../../db/transaction';
import { deleteUnconfirmed } from '../../../retention/unconfirmed';
import type { ActorSignals, Encryption, Providers, Rows } from '../../deps';
import type { WriteAudit } from '../../operations/audit';
import { type DeletedActors, deleteMarked, endActors } from '../../operations/delete-integration';

/**
 * Deletes all that is a user's. Broken off, it is finished by asking again; of a user that nobody knows
 * there is nothing to delete.
 */
export async function deleteUser(
  deps: Rows & Encryption & Providers & ActorSignals,
  userId: string,
  record: WriteAudit,
): Promise<void> {
  const { pool, envelope } = deps;
  const userHash = (await loadSubjectHash(pool, envelope))('user', userId);
  await record(pool);
  // First: who is still signed in must not begin anything.
  await deleteUserRows(pool, userId);
  await deleteAnswersAbout(pool, userHash);
  let first: DeletedActors | undefined;
  for (;;) {
    // Again after each page: one may have been made meanwhile.
    while ((await markSomeDeleted(deps.pool, userId)) > 0);
    const ids = await listSomeDeleted(deps.pool, userId);
    if (ids.length === 0) break;
    const gone = await deleteMarked(deps, ids);
    first ??= gone;
  }
  await deleteUserRows(pool, userId);
  await deleteAnswersAbout(pool, userHash);
  // Of integrations that an older gateway has deleted.
  await inTransaction(deps.pool, async (client) =>
    deleteUnconfirmed(client, deps, await lockConfirmationsOf(client, { userId })),
  );
  // Where there are more, the sweep ends them, at its own pace.
  if (first !== undefined) await endActors(deps, first);
}
