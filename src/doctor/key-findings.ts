import type { EncryptionKey } from '../crypto/envelope';
import { columnName, contextOf, keyText } from '../crypto/encrypted-columns';
import type { Queryable } from '../db/pool';
import {
  countLimit,
  countSealed,
  readSealedValues,
  type Sealing,
} from '../db/queries/encryption/values';
import type { KeyUse } from '../encryption/examine-keys';
import { opens } from '../encryption/key-check-value';
import { well, wrong, type Finding } from './finding';

/** What is left after a rotation is tried: more than this is work that is still to be done. */
const triedAtMost = 1_000;
const namedAtMost = 3;

/** Whether a rotation is done: a line for each key behind the first. */
export async function keyFindings(
  db: Queryable,
  keys: readonly EncryptionKey[],
  { sealings, known }: KeyUse,
): Promise<Finding[]> {
  const [first, ...others] = keys;
  const ids = known.map(({ id }) => id);
  if (first === undefined) return [];
  const findings: Finding[] = [];
  const [newest] = ids;
  if (newest !== undefined && newest !== first.id && ids.includes(first.id)) {
    findings.push(
      wrong(
        `Key ${first.id}: ${newest} came first in HOLDFAST_KEYS after it, and values are sealed anew with ${newest} only; put ${newest} first, or a new key`,
      ),
    );
  }
  for (const key of others) {
    const own = sealings.filter(({ keyId }) => keyId === key.id);
    findings.push(
      ...(await otherKey(db, key, own, { first: first.id, wasFirst: ids.includes(key.id) })),
    );
  }
  const damaged = sealings.filter(({ keyId }) => keyId === '');
  if (damaged.length > 0) {
    const columns = damaged.map(({ column }) => columnName(column)).join(', ');
    findings.push(
      wrong(`Sealed values: some have been damaged (${columns}); a worker's log names them`),
    );
  }
  return findings;
}

async function otherKey(
  db: Queryable,
  key: EncryptionKey,
  sealings: readonly Sealing[],
  { first, wasFirst }: { first: string; wasFirst: boolean },
): Promise<Finding[]> {
  let values = 0;
  for (const sealing of sealings) values += await countSealed(db, sealing);
  if (values === 0) {
    const text = `Key ${key.id}: nothing is sealed with it`;
    return [
      wasFirst
        ? well(
            `${text}; it may be removed from HOLDFAST_KEYS once every process has ${first} first`,
          )
        : well(text),
    ];
  }
  const lost = values > triedAtMost ? [] : await unreadable(db, key, sealings);
  const findings: Finding[] = [];
  if (values > lost.length) {
    const count = values >= countLimit ? `${countLimit} values or more` : `${values - lost.length}`;
    findings.push(
      well(`Key ${key.id}: still sealed with it: ${count}; a worker seals them with ${first}`),
    );
  }
  if (lost.length > 0) {
    const named = lost.slice(0, namedAtMost).join(', ');
    findings.push(
      wrong(
        `Key ${key.id}: values that can't be opened, since they were changed or moved: ${lost.length} (${named}); they stay as they are until others replace them`,
      ),
    );
  }
  return findings;
}

async function unreadable(
  db: Queryable,
  key: EncryptionKey,
  sealings: readonly Sealing[],
): Promise<string[]> {
  const lost: string[] = [];
  for (const sealing of sealings) {
    const values = await readSealedValues(db, sealing, { after: null, limit: triedAtMost });
    const { column } = sealing;
    for (const value of values) {
      if (opens(key, value.sealed, contextOf(column, value.key))) continue;
      lost.push(`${columnName(column)} of ${keyText(value.key)}`);
    }
  }
  return lost;
}
