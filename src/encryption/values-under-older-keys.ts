import type { EncryptionKey } from '../crypto/envelope';
import { sealedColumns } from '../crypto/encrypted-columns';
import type { Queryable } from '../db/pool';
import { readSealings, type Sealing } from '../db/queries/encryption/values';
import { readKnownKeys } from '../db/queries/encryption/keys';

/** What isn't sealed with the first key. */
export interface OlderSealings {
  /** To be sealed with it. */
  due: Sealing[];
  /** With keys that aren't configured. */
  unknown: Sealing[];
  /** Another process has a newer key first: nothing is due here. */
  overtakenBy?: string | undefined;
}

/**
 * Only whoever has the newest key first seals anew: during a rolling restart, two processes with different
 * orders would undo each other's work for ever.
 */
export async function olderSealings(
  db: Queryable,
  keys: readonly EncryptionKey[],
): Promise<OlderSealings> {
  const found: Sealing[] = [];
  for (const column of sealedColumns) found.push(...(await readSealings(db, column)));
  const [first] = keys;
  const older = found.filter(({ keyId }) => keyId !== first?.id);
  if (older.length === 0) return { due: [], unknown: [] };
  const [newest] = await readKnownKeys(db);
  if (newest?.id !== first?.id) return { due: [], unknown: [], overtakenBy: newest?.id };
  const unknown = older.filter(({ keyId }) => keyId !== '' && keys.every(({ id }) => id !== keyId));
  return { due: older.filter((sealing) => !unknown.includes(sealing)), unknown };
}
