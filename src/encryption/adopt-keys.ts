import type { EncryptionKey } from '../crypto/envelope';
import type { Queryable } from '../db/pool';
import { insertKnownKeys } from '../db/queries/encryption/keys';
import { examineKeys } from './examine-keys';
import { knownTextOf } from './key-check-value';

/**
 * The check of a process that is going to seal: what it will seal with is noted first.
 * @throws SealingKeyError where the keys don't fit the database
 */
export async function adoptKeys(db: Queryable, keys: readonly EncryptionKey[]): Promise<void> {
  const { sealings, known } = await examineKeys(db, keys);
  const inUse = new Set(sealings.map(({ keyId }) => keyId));
  const noted = new Set(known.map(({ id }) => id));
  // A key that seals values already is older than the one that comes first now.
  const unnoted = keys.filter(({ id }, place) => !noted.has(id) && (place === 0 || inUse.has(id)));
  if (unnoted.length === 0) return;
  await insertKnownKeys(db, unnoted.reverse().map(knownTextOf));
  // Another process may have been faster, with other bytes under the same id.
  await examineKeys(db, keys);
}
