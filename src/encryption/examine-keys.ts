import type { EncryptionKey } from '../crypto/envelope';
import { columnName, contextOf, sealedColumns } from '../crypto/encrypted-columns';
import type { Queryable } from '../db/pool';
import { readSealings, readSealedValues, type Sealing } from '../db/queries/encryption/values';
import { type KnownKey, readKnownKeys } from '../db/queries/encryption/keys';
import { isKnownKey, opens } from './key-check-value';
import { SealingKeyError } from './encryption-key-error';

export interface KeyUse {
  /** Which key seals values in which column, now. */
  sealings: Sealing[];
  /** Keys that were first at some time, the newest first. */
  known: KnownKey[];
}

/** One value alone may be damaged: only where none of these opens is it the key's fault. */
const sampleSize = 20;

/**
 * Compares the configured keys with what the database is sealed with; a few steps in an index at any number
 * of rows, and it writes nothing.
 *
 * @throws SealingKeyError where a key that values are sealed with is missing, or is another one of its name
 */
export async function examineKeys(db: Queryable, keys: readonly EncryptionKey[]): Promise<KeyUse> {
  const sealings: Sealing[] = [];
  for (const column of sealedColumns) sealings.push(...(await readSealings(db, column)));
  const known = await readKnownKeys(db);

  const faults = new Map<string, string>();
  for (const keyId of new Set(sealings.map((sealing) => sealing.keyId))) {
    // Bytes without a key's id are damaged; no key is missing.
    if (keyId === '' || keys.some(({ id }) => id === keyId)) continue;
    faults.set(keyId, missing(keyId, columnsOf(sealings, keyId), keys[0]?.id ?? ''));
  }
  for (const key of keys) {
    const before = known.find(({ id }) => id === key.id);
    const right =
      before === undefined ? await opensSome(db, key, sealings) : isKnownKey(key, before);
    if (!right) faults.set(key.id, another(key.id));
  }
  if (faults.size > 0) throw new SealingKeyError([...faults.keys()], [...faults.values()]);
  return { sealings, known };
}

async function opensSome(db: Queryable, key: EncryptionKey, sealings: Sealing[]): Promise<boolean> {
  let tried = 0;
  for (const sealing of sealings.filter(({ keyId }) => keyId === key.id)) {
    const sample = await readSealedValues(db, sealing, { after: null, limit: sampleSize });
    const { column } = sealing;
    if (sample.some((value) => opens(key, value.sealed, contextOf(column, value.key)))) return true;
    tried += sample.length;
  }
  return tried === 0;
}

function columnsOf(sealings: Sealing[], keyId: string): string {
  const columns = sealings.filter((sealing) => sealing.keyId === keyId);
  return columns.map(({ column }) => columnName(column)).join(', ');
}

const missing = (id: string, columns: string, first: string) =>
  `HOLDFAST_KEYS: the key "${id}" is missing, and values are still sealed with it (${columns}); put it back behind "${first}", and remove it only once "holdfast doctor" says that it may go`;

const another = (id: string) =>
  `HOLDFAST_KEYS: the key "${id}" is not the key of that name that this database is sealed with; put the old bytes back; a new key needs an id of its own, with the old key behind it`;
