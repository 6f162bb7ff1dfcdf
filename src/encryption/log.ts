import { columnName } from '../crypto/encrypted-columns';
import type { Queryable } from '../db/pool';
import { countSealed, type Sealing } from '../db/queries/encryption/values';
import type { Logger } from '../lib/log';
import type { OlderSealings } from './values-under-older-keys';
import type { Progress, Unreadable } from './reencrypt';

const progressMs = 30_000;
/** What is told once is remembered up to so many; beyond that it is only counted. */
const toldLimit = 1_000;

/** What a log says of the sealing anew; nothing where only values are left that it has named before. */
export function createSealingLog(log: Logger, key: string) {
  const told = new Set<string>();
  let left = 0;
  let values = 0;
  let saidAt = 0;
  let startedAt = 0;

  const once = (what: string, tell: () => void) => {
    if (told.has(what) || told.size >= toldLimit) return;
    told.add(what);
    tell();
  };

  return {
    overtaken(by: string) {
      once(`overtaken by ${by}`, () =>
        log.warn(
          { event: 'reencryption.overtaken', key, newest: by },
          'Another process has a newer key first in HOLDFAST_KEYS: this one re-encrypts nothing',
        ),
      );
    },
    unknownKey({ column, keyId }: Sealing) {
      const where = columnName(column);
      once(`${where} with ${keyId}`, () =>
        log.error(
          { event: 'reencryption.unknown_key', column: where, keyId },
          'Values are encrypted with a key that HOLDFAST_KEYS lacks; they stay as they are',
        ),
      );
    },
    /** @param due what is going to be sealed anew */
    async begins(db: Queryable, due: readonly Sealing[]) {
      values = 0;
      for (const sealing of due) values += await countSealed(db, sealing);
      startedAt = saidAt = performance.now();
      if (values === left) return;
      log.info(
        { event: 'reencryption.began', key, olderKeys: keysOf(due), values },
        'Values are re-encrypted with the first key',
      );
    },
    progress({ sealed, unreadable }: Progress) {
      if (performance.now() - saidAt < progressMs) return;
      saidAt = performance.now();
      log.info(
        { event: 'reencryption.progress', key, sealed, unreadable, values },
        'Values are being re-encrypted with the first key',
      );
    },
    unreadable({ column, row, code }: Unreadable) {
      once(`${column}:${row}:${code}`, () =>
        log.error(
          { event: 'reencryption.unreadable', column, row, code },
          'An encrypted value can not be decrypted; it stays as it is',
        ),
      );
    },
    ends({ sealed, unreadable }: Progress, { due }: OlderSealings) {
      const nothingNew = sealed === 0 && unreadable === left;
      left = unreadable;
      if (nothingNew) return;
      const durationMs = Math.round(performance.now() - startedAt);
      log.info(
        {
          event: 'reencryption.ended',
          key,
          sealed,
          unreadable,
          durationMs,
          olderKeys: keysOf(due),
        },
        'Re-encryption ended',
      );
    },
  };
}

const keysOf = (sealings: readonly Sealing[]) => [...new Set(sealings.map(({ keyId }) => keyId))];
